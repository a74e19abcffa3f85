import { CLIENT_CAPABILITIES_META_KEY, inputRequired } from "@modelcontextprotocol/server";
import type {
  ElicitRequestFormParams,
  InputRequiredResult,
  Server,
  ServerContext,
} from "@modelcontextprotocol/server";
import type { AskPerson, Question } from "./tool.ts";
import { fieldAt } from "./record.ts";

/** How the person at the client's side can be asked during one call. */
export interface Asking {
  /** The arguments of the call, with the question's id when this call brings its answer. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Null when the client cannot ask. */
  readonly askPerson: AskPerson | null;
  /** What to send instead of the answer: the question, for a client that calls again with the person's words. Null in most calls. */
  instead(): InputRequiredResult | null;
}

type Input = Readonly<Record<string, unknown>>;

/** Clients of 2026-07-28 are handed the question and call again; older ones are asked while the call waits. */
export function openAsking(server: Server, ctx: ServerContext, input: Input): Asking {
  if (ctx.mcpReq.envelope === undefined) {
    const canAsk = server.getClientCapabilities()?.elicitation !== undefined;
    return { input, askPerson: canAsk ? askNow(ctx) : null, instead: () => null };
  }
  const capabilities = fieldAt(ctx.mcpReq.envelope, CLIENT_CAPABILITIES_META_KEY);
  if (fieldAt(capabilities, "elicitation") === undefined) {
    return { input, askPerson: null, instead: () => null };
  }
  return askByReturn(ctx, input);
}

function askNow(ctx: ServerContext): AskPerson {
  return async (question) => {
    try {
      const { action, content } = await ctx.mcpReq.elicitInput(formOf(question), {
        timeout: question.waitMs,
        signal: ctx.mcpReq.signal,
      });
      return { kind: "asked", answer: action === "accept" ? answerIn(content) : null };
    } catch {
      return { kind: "asked", answer: null };
    }
  };
}

function askByReturn(ctx: ServerContext, input: Input): Asking {
  const id: unknown = ctx.mcpReq.requestState();
  const response = ctx.mcpReq.inputResponses?.["answer"];
  if (typeof id === "string" && response !== undefined) {
    const answer =
      fieldAt(response, "action") === "accept" ? answerIn(fieldAt(response, "content")) : null;
    return {
      input: { ...sessionOf(input), id },
      askPerson: async () => Promise.resolve({ kind: "asked", answer }),
      instead: () => null,
    };
  }
  let wanted: Question | null = null;
  return {
    input,
    askPerson: async (question) => {
      wanted = question;
      return Promise.resolve({ kind: "later" });
    },
    instead: () =>
      wanted === null
        ? null
        : inputRequired({
            inputRequests: { answer: inputRequired.elicit(formOf(wanted)) },
            requestState: wanted.id,
          }),
  };
}

function sessionOf({ session }: Input): Input {
  return session === undefined ? {} : { session };
}

function formOf({ text, options }: Question): ElicitRequestFormParams {
  const answer =
    options.length === 0
      ? { type: "string" as const, title: "Answer" }
      : { type: "string" as const, title: "Answer", enum: [...options] };
  return {
    mode: "form",
    message: text,
    requestedSchema: { type: "object", properties: { answer }, required: ["answer"] },
  };
}

function answerIn(content: unknown): string | null {
  const answer = fieldAt(content, "answer");
  return typeof answer === "string" && answer.trim() !== "" ? answer : null;
}
