import * as z from "zod";
import type { JsonObject } from "../core/base/json.ts";
import { catalog } from "../mcp/index.ts";
import type { AnyTool } from "../mcp/index.ts";
import type { CommandWords } from "./command-runner.ts";
import { hooksPath, mcpPath, serverPaths } from "./openapi-doors.ts";

/** Describes the API in OpenAPI 3.1, from the same tables that serve it. Paths are relative to a project's base. */
export function openApi(version: string, commands: readonly CommandWords[]): JsonObject {
  const tools = [...catalog.values()].map((tool) => [`/api/v1/tools/${tool.name}`, toolPath(tool)]);
  return plain({
    openapi: "3.1.0",
    info: {
      title: "Skein",
      version,
      description:
        "One project of a `skein serve`. The base is `/p/NAME`, or `/` where the server has one project; the probes and `/metrics` are the whole server's.",
    },
    servers: [{ url: "/" }, { url: "/p/{project}", variables: { project: { default: "local" } } }],
    security: [{ bearer: [] }],
    paths: {
      ...Object.fromEntries(tools),
      "/mcp": mcpPath(failures),
      "/api/v1/commands": commandsPath(commands),
      "/api/v1/events": eventsPath(),
      "/api/v1/ledger": ledgerPath(),
      "/api/v1/openapi.json": {
        get: {
          summary: "This document",
          responses: { "200": ok({ type: "object" }), ...failures },
        },
      },
      "/api/v1/hooks/{event}": hooksPath(sentFailures),
      ...serverPaths(failures),
    },
    components: {
      securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
      schemas: { Error: errorSchema, Work: workSchema },
      responses: errorResponses,
    },
  });
}

/** As JSON has it: what is undefined goes away. */
function plain(value: unknown): JsonObject {
  const parsed: JsonObject = JSON.parse(JSON.stringify(value));
  return parsed;
}

function toolPath({ name, title, description, input, output }: AnyTool): unknown {
  return {
    post: {
      operationId: name,
      summary: title,
      description,
      requestBody: bodyOf(withWork(name, schemaOf(input, "input"))),
      responses: { "200": okOrStream(schemaOf(output, "output")), ...sentFailures },
    },
  };
}

function schemaOf(schema: z.ZodObject, io: "input" | "output"): z.core.JSONSchema.BaseSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
}

/** Two tools are sent something of the caller's repository, besides their arguments. */
function withWork(name: string, schema: z.core.JSONSchema.BaseSchema): unknown {
  return name === "review_changes" || name === "propose_plan"
    ? { ...schema, properties: { ...schema.properties, work: workRef } }
    : schema;
}

/** With `Accept: text/event-stream` a call that lasts is answered with `progress`, and at last `answer` or `error`. */
function okOrStream(schema: unknown): unknown {
  return {
    description: "Done.",
    content: {
      "application/json": { schema },
      "text/event-stream": { schema: { type: "string" } },
    },
  };
}

function bodyOf(schema: unknown): unknown {
  return { required: true, content: { "application/json": { schema } } };
}

function ok(schema: unknown): unknown {
  return { description: "Done.", content: { "application/json": { schema } } };
}

const text = { type: ["string", "null"] };

function commandsPath(commands: readonly CommandWords[]): unknown {
  const lines = commands.map(({ name, summary, args, options }) => {
    const words = [...args.map((arg) => arg.name), ...options.map(({ flags }) => flags)];
    return `- \`${[name, ...words].join(" ")}\`: ${summary}`;
  });
  return {
    post: {
      operationId: "run_command",
      summary: "Run a command of the command line that needs nothing but the store",
      description: lines.join("\n"),
      requestBody: bodyOf({
        type: "object",
        required: ["command"],
        properties: {
          command: { type: "array", items: { type: "string" }, minItems: 1, maxItems: 2 },
          arguments: { type: "array", items: { type: "string" } },
          options: {
            type: "object",
            additionalProperties: { type: ["string", "number", "boolean"] },
          },
          input: text,
          json: { type: "boolean" },
          caller: {
            type: "object",
            properties: {
              session: text,
              external_id: text,
              parent_external_id: text,
              branch: text,
              git_dir: text,
            },
          },
          work: workRef,
        },
      }),
      responses: {
        "200": okOrStream({
          type: "object",
          required: ["exit_code", "stdout", "stderr"],
          properties: {
            exit_code: { type: "integer" },
            stdout: { type: "string" },
            stderr: { type: "string" },
          },
        }),
        ...sentFailures,
      },
    },
  };
}

const eventNumber = { type: "integer", minimum: 0 };

function eventsPath(): unknown {
  return {
    get: {
      operationId: "follow_events",
      summary: "The log as server-sent events, each once, in order",
      parameters: [
        { name: "since", in: "query", schema: eventNumber },
        { name: "Last-Event-ID", in: "header", schema: eventNumber },
      ],
      responses: {
        "200": {
          description: "A stream that ends with `event: end`, `cut` or `error`.",
          content: { "text/event-stream": { schema: { type: "string" } } },
        },
        ...failures,
      },
    },
  };
}

function ledgerPath(): unknown {
  const properties = {
    schema_version: { const: 1 },
    publications: { type: "array", items: { type: "object" } },
  };
  const schema = { type: "object", required: Object.keys(properties), properties };
  return {
    get: {
      operationId: "read_ledger",
      summary: "Who holds what now and which fences count, in the form of a published ledger",
      responses: { "200": ok(schema), ...failures },
    },
  };
}

const errorSchema = {
  type: "object",
  required: ["error"],
  properties: {
    error: {
      type: "object",
      required: ["code", "kind", "message", "cause", "fix", "retry_after_ms", "facts"],
      properties: {
        code: { type: "string", pattern: "^SKN-\\d{4}$" },
        kind: { type: "string" },
        message: { type: "string" },
        cause: { type: "string" },
        fix: { type: "string" },
        retry_after_ms: { type: ["number", "null"] },
        facts: { type: "object" },
      },
    },
  },
};

const workRef = { $ref: "#/components/schemas/Work" };
const commit = { type: ["string", "null"], pattern: "^[0-9a-f]{40,64}$" };
const pathList = { type: "array", items: { type: "string", maxLength: 4_096 } };

const workSchema = {
  type: ["object", "null"],
  description: "What the caller sends of its repository: a server has none of it.",
  properties: {
    change: {
      type: ["object", "null"],
      description: "What is to be reviewed.",
      required: ["subject", "diff"],
      properties: {
        base: commit,
        head: commit,
        subject: { type: "string", pattern: "^(branch|worktree|range|patch):", maxLength: 300 },
        diff: { type: "string", description: "A unified diff from base to head." },
        instructions: {
          type: "array",
          maxItems: 100,
          description: "REVIEW.md and AGENTS.md as they stand on the base.",
          items: {
            type: "object",
            required: ["path", "text"],
            properties: { path: { type: "string" }, text: { type: "string" } },
          },
        },
        lock_files: pathList,
      },
    },
    tree: {
      type: ["object", "null"],
      description: "What plans are checked against.",
      properties: { commit, paths: pathList },
    },
  },
};

function failure(description: string): unknown {
  return {
    description,
    content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
  };
}

const errorResponses = {
  Wrong: failure("The request is wrong."),
  Unknown: failure("No valid token."),
  Forbidden: failure("Not allowed."),
  Missing: failure("No such thing."),
  Method: failure("Another method; `Allow` names those that are taken."),
  Conflict: failure("A conflict, or a budget that is used up."),
  Large: failure("The body has more bytes than are taken; `facts.limit_bytes` says how many are."),
  Busy: failure("Too much at once; `Retry-After` says when."),
  Away: failure("The store is away, or the server is about to end."),
  Unsure: failure("It is not known whether it was done: repeat it with its key."),
};

const failures = {
  "400": { $ref: "#/components/responses/Wrong" },
  "401": { $ref: "#/components/responses/Unknown" },
  "403": { $ref: "#/components/responses/Forbidden" },
  "404": { $ref: "#/components/responses/Missing" },
  "405": { $ref: "#/components/responses/Method" },
  "409": { $ref: "#/components/responses/Conflict" },
  "429": { $ref: "#/components/responses/Busy" },
  "503": { $ref: "#/components/responses/Away" },
  "504": { $ref: "#/components/responses/Unsure" },
};

/** Of doors that take a body. */
const sentFailures = { ...failures, "413": { $ref: "#/components/responses/Large" } };
