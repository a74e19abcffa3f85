import { randomBytes } from "node:crypto";
import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  inputRequired,
  MissingRequiredClientCapabilityError,
} from "@modelcontextprotocol/server";
import type { InputRequiredResult, ServerContext } from "@modelcontextprotocol/server";
import * as z from "zod";
import { fieldAt } from "../../../src/mcp/record.ts";
import { textResult } from "./fixture-tool.ts";
import type { FixtureTool } from "./fixture-tool.ts";

/** Signs what goes through the client, so that what comes back changed is refused before a tool sees it. */
export const stateCodec = createRequestStateCodec<string>({ key: randomBytes(32) });

type InputRequests = NonNullable<InputRequiredResult["inputRequests"]>;

const nameRequest = ask("What is your name?", z.object({ name: z.string() }));
const okRequest = ask("Is that right?", z.object({ ok: z.boolean() }));
const greeting = inputRequired.createMessage({
  messages: [{ role: "user", content: { type: "text", text: "Greet somebody." } }],
  maxTokens: 50,
});

function ask(message: string, requestedSchema: z.ZodObject): InputRequests[string] {
  return inputRequired.elicit({ message, requestedSchema });
}

/** One round: asks until every answer is there. */
function oneRound(
  name: string,
  requests: (ctx: ServerContext) => InputRequests,
  hasState = false,
): FixtureTool {
  return {
    name,
    description: `Asks the client: ${name.replace("test_input_required_result_", "")}.`,
    run: async ({ ctx }) => {
      const inputRequests = requests(ctx);
      const responses = ctx.mcpReq.inputResponses ?? {};
      const isAnswered = Object.keys(inputRequests).every((key) => key in responses);
      const isKnown = !hasState || ctx.mcpReq.requestState<string>() === name;
      if (isAnswered && isKnown) {
        return textResult(`state-ok ${JSON.stringify(responses)}`);
      }
      const state = hasState ? { requestState: await stateCodec.mint(name, ctx) } : {};
      return inputRequired({ inputRequests, ...state });
    },
  };
}

function can(ctx: ServerContext, capability: string): boolean {
  const capabilities = fieldAt(ctx.mcpReq.envelope, CLIENT_CAPABILITIES_META_KEY);
  return fieldAt(capabilities, capability) !== undefined;
}

/** Only what this client said that it can answer. */
function fitting(ctx: ServerContext): InputRequests {
  return {
    ...(can(ctx, "sampling") ? { greeting } : {}),
    ...(can(ctx, "elicitation") ? { user_name: nameRequest } : {}),
    ...(can(ctx, "roots") ? { client_roots: inputRequired.listRoots() } : {}),
  };
}

const personSchema = z.object({ name: z.string() });

/** Tools that hand their question to a client of 2026-07-28, which calls again. */
export const roundTools: readonly FixtureTool[] = [
  {
    name: "test_input_required_result_elicitation",
    description: "Asks for a name.",
    run: async ({ ctx }) => {
      const person = acceptedContent(ctx.mcpReq.inputResponses, "user_name", personSchema);
      return Promise.resolve(
        person === undefined
          ? inputRequired({ inputRequests: { user_name: nameRequest } })
          : textResult(`Hello, ${person.name}!`),
      );
    },
  },
  oneRound("test_input_required_result_sampling", () => ({ capital_question: greeting })),
  oneRound("test_input_required_result_list_roots", () => ({
    client_roots: inputRequired.listRoots(),
  })),
  oneRound("test_input_required_result_request_state", () => ({ confirm: okRequest }), true),
  oneRound("test_input_required_result_tampered_state", () => ({ confirm: okRequest }), true),
  oneRound(
    "test_input_required_result_multiple_inputs",
    () => ({ user_name: nameRequest, greeting, client_roots: inputRequired.listRoots() }),
    true,
  ),
  oneRound("test_input_required_result_capabilities", fitting),
  oneRound("test_streaming_elicitation", () => ({ user_name: nameRequest })),
  {
    name: "test_input_required_result_multi_round",
    description: "Asks twice.",
    run: async ({ ctx }) => {
      const round = ctx.mcpReq.requestState<string>();
      if (round === "second") {
        return textResult("Both were answered.");
      }
      const [key, state] = round === "first" ? ["step2", "second"] : ["step1", "first"];
      const requestState = await stateCodec.mint(state, ctx);
      return inputRequired({ inputRequests: { [key]: nameRequest }, requestState });
    },
  },
  {
    name: "test_missing_capability",
    description: "Needs a client with a model.",
    run: async ({ ctx }) => {
      if (!can(ctx, "sampling")) {
        throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { sampling: {} } });
      }
      return Promise.resolve(textResult("The client has one."));
    },
  },
];

const contextSchema = z.object({ context: z.string() });

/** The same for a prompt: the words when they are there, else the question. */
export function promptRound(ctx: ServerContext): string | InputRequiredResult {
  const given = acceptedContent(ctx.mcpReq.inputResponses, "user_context", contextSchema);
  return (
    given?.context ??
    inputRequired({ inputRequests: { user_context: ask("What is it about?", contextSchema) } })
  );
}
