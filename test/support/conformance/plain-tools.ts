import { setTimeout as sleep } from "node:timers/promises";
import { fieldAt } from "../../../src/mcp/record.ts";
import { png, wav } from "./contents.ts";
import { fixedTool, textResult } from "./fixture-tool.ts";
import type { FixtureTool } from "./fixture-tool.ts";

const image = { type: "image" as const, data: png, mimeType: "image/png" };

/** What the suite looks for in a listed schema, word by word. */
const wideSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object" as const,
  $defs: {
    address: {
      $anchor: "addressDef",
      type: "object",
      properties: { street: { type: "string" }, city: { type: "string" } },
    },
  },
  properties: {
    name: { type: "string" },
    address: { $ref: "#/$defs/address" },
    contactMethod: { type: "string", enum: ["phone", "email"] },
    phone: { type: "string" },
    email: { type: "string" },
  },
  allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
  if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
  // oxlint-disable-next-line unicorn/no-thenable -- a word of JSON Schema
  then: { required: ["phone"] },
  else: { required: ["email"] },
  additionalProperties: false,
};

const fixed: readonly FixtureTool[] = [
  fixedTool("test_simple_text", "Answers a text.", [{ type: "text", text: "Plain words." }]),
  fixedTool("test_image_content", "Answers an image.", [image]),
  fixedTool("test_audio_content", "Answers a sound.", [
    { type: "audio", data: wav, mimeType: "audio/wav" },
  ]),
  fixedTool("test_embedded_resource", "Answers a resource.", [
    {
      type: "resource",
      resource: { uri: "test://embedded", mimeType: "text/plain", text: "What is embedded." },
    },
  ]),
  fixedTool("test_multiple_content_types", "Answers a text, an image and a resource.", [
    { type: "text", text: "Three kinds:" },
    image,
    {
      type: "resource",
      resource: { uri: "test://mixed", mimeType: "application/json", text: '{"value":123}' },
    },
  ]),
];

/** Answers, progress, log lines, errors, schemas. */
export const plainTools: readonly FixtureTool[] = [
  ...fixed,
  {
    name: "test_error_handling",
    description: "Fails.",
    run: async () =>
      Promise.resolve({ ...textResult("This fails, as it is meant to."), isError: true }),
  },
  {
    name: "test_tool_with_logging",
    description: "Writes three lines to the client's log.",
    run: async ({ ctx }) => {
      for (const line of ["started", "at work", "done"]) {
        await ctx.mcpReq.log("info", line);
        await sleep(20);
      }
      return textResult("Three lines were written.");
    },
  },
  {
    name: "test_logging_tool",
    description: "Writes a line to the log of a client that asked for it.",
    run: async ({ ctx }) => {
      await ctx.mcpReq.log("info", "a line");
      return textResult("A line was written for whoever wanted it.");
    },
  },
  {
    name: "test_tool_with_progress",
    description: "Tells its progress in three steps.",
    run: async ({ ctx }) => {
      const progressToken = fieldAt(fieldAt(ctx.mcpReq, "_meta"), "progressToken");
      for (const progress of [0, 50, 100]) {
        if (typeof progressToken === "string" || typeof progressToken === "number") {
          const params = { progressToken, progress, total: 100 };
          await ctx.mcpReq.notify({ method: "notifications/progress", params });
        }
        await sleep(20);
      }
      return textResult("Done.");
    },
  },
  {
    name: "json_schema_2020_12_tool",
    description: "Has a schema with words of JSON Schema 2020-12.",
    inputSchema: wideSchema,
    run: async () => Promise.resolve(textResult("It was called.")),
  },
  {
    name: "test_reconnection",
    description: "Ends its stream in the midst of the call; the answer is for whoever comes back.",
    run: async ({ ctx }) => {
      ctx.http?.closeSSE?.();
      await sleep(100);
      return textResult("Here is the answer.");
    },
  },
  {
    name: "test_trigger_tool_change",
    description: "Tells subscribers that the list of tools changed.",
    run: async ({ bus }) => {
      bus.publish({ kind: "tools_list_changed" });
      return Promise.resolve(textResult("They were told."));
    },
  },
  {
    name: "test_trigger_prompt_change",
    description: "Tells subscribers that the list of prompts changed.",
    run: async ({ bus }) => {
      bus.publish({ kind: "prompts_list_changed" });
      return Promise.resolve(textResult("They were told."));
    },
  },
];
