/** The doors of `openapi.json` that take what other documents describe: MCP's messages, hooks, and those of the whole server. */

/** What any door with a token may refuse with, by status. */
export type Failures = Readonly<Record<string, unknown>>;

const anyObject = { type: "object" };
const event = { name: "event", in: "path", required: true, schema: { type: "string" } };

function json(description: string, schema: unknown): unknown {
  return { description, content: { "application/json": { schema } } };
}

export function mcpPath(failures: Failures): unknown {
  return {
    post: {
      operationId: "mcp",
      summary: "MCP over streamable HTTP, for clients of all revisions, without sessions",
      requestBody: { required: true, content: { "application/json": { schema: anyObject } } },
      responses: {
        "200": {
          description: "Messages of JSON-RPC 2.0.",
          content: {
            "application/json": { schema: anyObject },
            "text/event-stream": { schema: { type: "string" } },
          },
        },
        "202": { description: "A notification was taken." },
        ...failures,
        "413": json("The body has more than 4 MB.", anyObject),
      },
    },
  };
}

export function hooksPath(failures: Failures): unknown {
  return {
    parameters: [event],
    post: {
      operationId: "answer_hook",
      summary: "What hooks of agents and of git ask that run beside a worktree elsewhere",
      description:
        "An event of an agent's hooks, or `guard-` and a question of git's. It is between programs of one version, and changes with them.",
      requestBody: { required: true, content: { "application/json": { schema: anyObject } } },
      responses: { "200": json("The answer.", anyObject), ...failures },
    },
  };
}

const status = {
  type: "object",
  required: ["status", "checks"],
  properties: {
    status: { enum: ["ready", "not ready"] },
    checks: { type: "object", additionalProperties: { type: "string" } },
  },
};

/** They stand at the root of the server, whatever the project. */
export function serverPaths(failures: Failures): Readonly<Record<string, unknown>> {
  return {
    "/livez": probe("live", "Whether the process answers", {
      "200": json("It does.", { type: "object", properties: { status: { const: "ok" } } }),
    }),
    "/readyz": probe("ready", "Whether it can work", readiness),
    "/healthz": probe("health", "The same, with version, uptime and load", readiness),
    "/metrics": {
      servers: root,
      get: {
        operationId: "metrics",
        summary: "Metrics in Prometheus's text format: those of the asker's project",
        responses: {
          "200": {
            description: "Done.",
            content: { "text/plain": { schema: { type: "string" } } },
          },
          ...failures,
        },
      },
    },
  };
}

const root = [{ url: "/" }];

const readiness = {
  "200": json("It can.", status),
  "503": json("It is about to end, or a store does not answer.", status),
};

/** Whoever comes is answered. */
function probe(operationId: string, summary: string, responses: unknown): unknown {
  return { servers: root, get: { operationId, summary, security: [], responses } };
}
