import type { ElicitRequestFormParams, ServerContext } from "@modelcontextprotocol/server";
import * as z from "zod";
import { textResult } from "./fixture-tool.ts";
import type { FixtureTool } from "./fixture-tool.ts";

type Fields = ElicitRequestFormParams["requestedSchema"]["properties"];

const withDefaults: Fields = {
  name: { type: "string", default: "John Doe" },
  age: { type: "integer", default: 30 },
  score: { type: "number", default: 95.5 },
  status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
  verified: { type: "boolean", default: true },
};

const values = [
  { const: "value1", title: "First" },
  { const: "value2", title: "Second" },
  { const: "value3", title: "Third" },
];

const choices: Fields = {
  untitledSingle: { type: "string", enum: ["option1", "option2", "option3"] },
  titledSingle: { type: "string", oneOf: values },
  legacyEnum: {
    type: "string",
    enum: ["opt1", "opt2", "opt3"],
    enumNames: ["One", "Two", "Three"],
  },
  untitledMulti: {
    type: "array",
    items: { type: "string", enum: ["option1", "option2", "option3"] },
  },
  titledMulti: { type: "array", items: { anyOf: values } },
};

/** Tools that ask a client of 2025-11-25 in the midst of the call. */
export const pushingTools: readonly FixtureTool[] = [
  {
    name: "test_sampling",
    description: "Asks the client's model.",
    inputSchema: {
      type: "object",
      properties: { prompt: { type: "string" } },
      required: ["prompt"],
    },
    run: async ({ ctx, input }) => {
      needSession(ctx);
      const { content } = await ctx.mcpReq.requestSampling({
        messages: [{ role: "user", content: { type: "text", text: String(input["prompt"]) } }],
        maxTokens: 100,
      });
      return textResult(`The model says: ${JSON.stringify(content)}`);
    },
  },
  formTool("test_elicitation", "Asks for a name and an address.", {
    username: { type: "string", description: "The user's name" },
    email: { type: "string", description: "The user's address" },
  }),
  formTool("test_elicitation_sep1034_defaults", "Asks with values filled in.", withDefaults),
  formTool("test_elicitation_sep1330_enums", "Asks with every kind of choice.", choices),
];

/** Without a session the client's answer would find nobody who waits for it. */
function needSession({ sessionId }: ServerContext): void {
  if (sessionId === undefined) {
    throw new Error("This client has no session, so it cannot be asked.");
  }
}

function formTool(name: string, description: string, properties: Fields): FixtureTool {
  const words = z.string().default(description);
  return {
    name,
    description,
    inputSchema: { type: "object", properties: { message: { type: "string" } } },
    run: async ({ ctx, input }) => {
      needSession(ctx);
      const { action, content } = await ctx.mcpReq.elicitInput({
        mode: "form",
        message: words.parse(input["message"]),
        requestedSchema: { type: "object", properties },
      });
      return textResult(`The user says: ${action}, ${JSON.stringify(content ?? {})}`);
    },
  };
}
