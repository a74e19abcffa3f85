import * as z from "zod";
import type { JsonObject } from "../../base/json.ts";
import type { OutputSchema } from "../../models/index.ts";

/** Bounds of one reply: what is longer is no answer to be trusted with a plan. */
const text = (most: number): z.ZodString => z.string().max(most);
const texts = (count: number, most: number): z.ZodArray<z.ZodString> =>
  z.array(text(most)).max(count);
const line = z.int().min(1).max(10_000_000).nullable();

const operation = z.object({
  path: text(1_024),
  action: z.enum(["create", "edit", "delete"]),
  start_line: line,
  end_line: line,
  form: z.enum(["intent", "diff"]),
  text: text(4_000),
});

const task = z.object({
  key: text(200),
  title: text(500),
  outcome: text(2_000),
  parent: text(200).nullable(),
  operations: z.array(operation).max(50),
  scope: texts(50, 1_024),
  new_paths: texts(50, 1_024),
  accept: texts(30, 1_000),
  validate: texts(20, 500),
  minutes: z.int().min(1).max(10_080),
  depends_on: texts(50, 200),
  skills: texts(10, 64),
  priority: z.enum(["critical", "high", "medium", "low"]),
});

const reply = z.object({
  split: z.boolean(),
  reason: text(2_000),
  title: text(500),
  tasks: z.array(task).min(1).max(150),
});

/** A model's plan, of the right shape and not yet believed. */
export type PlanReply = z.output<typeof reply>;

/** Reads a reply. */
export function parseReply(value: unknown): PlanReply | null {
  const read = reply.safeParse(value);
  return read.success ? read.data : null;
}

/** Why a value is no plan: up to 5 places, in our own words. */
export function shapeFaults(value: unknown): readonly string[] {
  const read = reply.safeParse(value);
  return read.success
    ? []
    : read.error.issues.slice(0, 5).map((issue) => {
        const place = issue.path.map(String).join(".").slice(0, 100);
        return `${place === "" ? "The answer" : place}: ${words[issue.code] ?? "it has not the shape that was asked for"}.`;
      });
}

const words: Readonly<Record<string, string>> = {
  invalid_type: "it is missing, or of another type",
  too_big: "it is too long, too large, or has too many items",
  too_small: "it is empty or too small",
  invalid_value: "it is none of the allowed words",
};

const str: JsonObject = { type: "string" };
const strings: JsonObject = { type: "array", items: str };
const lineOrNull: JsonObject = { type: ["integer", "null"] };

/** The shape as providers want it: every field required, nothing else allowed. */
export const planSchema: OutputSchema<PlanReply> = {
  name: "plan",
  json: strict({
    split: { type: "boolean" },
    reason: str,
    title: str,
    tasks: {
      type: "array",
      items: strict({
        key: str,
        title: str,
        outcome: str,
        parent: { type: ["string", "null"] },
        operations: {
          type: "array",
          items: strict({
            path: str,
            action: { type: "string", enum: ["create", "edit", "delete"] },
            start_line: lineOrNull,
            end_line: lineOrNull,
            form: { type: "string", enum: ["intent", "diff"] },
            text: str,
          }),
        },
        scope: strings,
        new_paths: strings,
        accept: strings,
        validate: strings,
        minutes: { type: "integer" },
        depends_on: strings,
        skills: strings,
        priority: { type: "string", enum: ["critical", "high", "medium", "low"] },
      }),
    },
  }),
  parse: parseReply,
};

function strict(properties: JsonObject): JsonObject {
  return {
    type: "object",
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  };
}
