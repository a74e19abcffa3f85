import * as z from "zod";
import type { ToolAnnotations } from "@modelcontextprotocol/server";
import type { AnyTool, Effect } from "./tool.ts";
import { isRecord } from "./record.ts";

/** A tool as `tools/list` announces it. */
export interface ListedTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: ObjectSchema;
  readonly outputSchema: ObjectSchema;
  readonly annotations: ToolAnnotations;
}

export type ObjectSchema = Readonly<Record<string, unknown>> & { readonly type: "object" };

/** What each effect tells a client. No tool destroys, and only those that ask models reach outside the project. */
const annotationsOf: Readonly<Record<Effect, ToolAnnotations>> = {
  reads: annotations({ readOnlyHint: true, idempotentHint: true }),
  adds: annotations({ readOnlyHint: false, idempotentHint: true }),
  appends: annotations({ readOnlyHint: false, idempotentHint: false }),
  asks: { ...annotations({ readOnlyHint: false, idempotentHint: false }), openWorldHint: true },
};

function annotations(hints: {
  readonly readOnlyHint: boolean;
  readonly idempotentHint: boolean;
}): ToolAnnotations {
  return { ...hints, destructiveHint: false, openWorldHint: false };
}

/** Announces a tool with schemas that are as short as they can be: every agent reads them in every conversation. */
export function listTool(tool: AnyTool): ListedTool {
  const { name, title, description, effect } = tool;
  return {
    name,
    title,
    description,
    inputSchema: inputSchemaOf(tool.input),
    outputSchema: outputSchemaOf(tool.output),
    annotations: annotationsOf[effect],
  };
}

function inputSchemaOf(input: z.ZodObject): ObjectSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(input, { io: "input" });
  return asObject(slim(schema));
}

/**
 * Fields of an answer with their types only. None is required: the same schema then also holds for an error, which some clients check
 * against it.
 */
function outputSchemaOf(output: z.ZodObject): ObjectSchema {
  const { properties = {} } = z.toJSONSchema(output, { io: "output" });
  return {
    type: "object",
    properties: Object.fromEntries(
      Object.entries(properties).map(([key, schema]) => [key, typesOf(schema)]),
    ),
  };
}

function typesOf(schema: z.core.JSONSchema._JSONSchema): unknown {
  if (typeof schema === "boolean") {
    return {};
  }
  if (schema.anyOf !== undefined) {
    return { type: schema.anyOf.map((one) => (typeof one === "boolean" ? "null" : one.type)) };
  }
  return { type: schema.type };
}

/** Leaves out what the server checks anyway and no model needs: the bounds of numbers and the lengths of texts. */
function slim(schema: unknown): unknown {
  if (Array.isArray(schema)) {
    return schema.map((one) => slim(one));
  }
  if (!isRecord(schema)) {
    return schema;
  }
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => !unneeded.has(key))
      .map(([key, value]) => [key, key === "properties" ? slimEach(value) : slim(value)]),
  );
}

/** Properties are names, not keywords: a field called `minimum` stays. */
function slimEach(properties: unknown): unknown {
  return isRecord(properties)
    ? Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, slim(value)]))
    : properties;
}

const unneeded = new Set([
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
]);

function asObject(schema: unknown): ObjectSchema {
  return { ...(isRecord(schema) ? schema : {}), type: "object" };
}
