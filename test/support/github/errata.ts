import { isObject, listIn } from "./json.ts";
import type { JsonObject } from "./json.ts";

/** A known fault of GitHub's description: what GitHub really does and the description does not say. */
export interface Erratum {
  /** A schema, an operation for the answer of its success, or `*` for all operations. */
  readonly at: string;
  readonly reason: string;
  /** Mends the schema; null where the validation knows the case itself. */
  readonly mend: ((schema: JsonObject) => JsonObject) | null;
}

export const errata: readonly Erratum[] = [
  {
    at: "*",
    reason:
      "Any operation answers 304, 401, 403, 404, 422, 429 and 5xx with one of the errors, though most do not list them.",
    mend: null,
  },
  {
    at: "*",
    reason:
      "An error that an operation describes in its own words may have the usual fields of errors too.",
    mend: null,
  },
  {
    at: "*",
    reason:
      "Alternatives in `oneOf` overlap (an empty body is both forms of PUT labels), so they are read as `anyOf`.",
    mend: null,
  },
  {
    at: "*",
    reason:
      "GET pulls and contents answer plain text for the diff, patch and raw media types, which are not described.",
    mend: null,
  },
  ...["validation-error", "validation-error-simple"].map((at) => ({
    at,
    reason: "Errors carry the status as text, as basic errors do.",
    mend: (schema: JsonObject) => withProperties(schema, { status: { type: "string" } }),
  })),
  ...["pull-request-review-comment", "review-comment"].map((at) => ({
    at,
    reason:
      "An outdated comment has null as its line and position; a comment on a file has no line.",
    mend: (schema: JsonObject) => {
      const lines = ["line", "original_line", "position", "original_position"];
      const orNull = { type: ["integer", "null"] };
      return withProperties(schema, Object.fromEntries(lines.map((name) => [name, orNull])));
    },
  })),
  ...["blocked-by-added", "blocked-by-removed", "blocking-added", "blocking-removed"].map(
    (action) => ({
      at: `webhook-issue-dependencies-${action}`,
      reason: "The repository of a person has no organization.",
      mend: (schema: JsonObject) => ({
        ...schema,
        required: listIn(schema, "required").filter((name) => name !== "organization"),
      }),
    }),
  ),
  {
    at: "GET /app/installations",
    reason:
      "The account is a user or an enterprise, as in every other view of an installation, not both at once.",
    mend: () => ({ type: "array", items: ref("installation") }),
  },
  {
    at: "pull-request-simple",
    reason: "A label without description has null there, as in every other view of a label.",
    mend: (schema) => withProperties(schema, { labels: { type: "array", items: ref("label") } }),
  },
  ...["integration", "nullable-integration"].map((at) => ({
    at,
    reason: "The permissions of an app are all of its permissions, not only five of them.",
    mend: (schema: JsonObject) => withProperties(schema, { permissions: { type: "object" } }),
  })),
];

/** The schema as GitHub really behaves. */
export function mended(name: string, schema: JsonObject): JsonObject {
  return errata
    .filter(({ at }) => at === name)
    .reduce((found, { mend }) => (mend === null ? found : mend(found)), schema);
}

function withProperties(schema: JsonObject, changed: JsonObject): JsonObject {
  const properties = schema["properties"];
  return { ...schema, properties: { ...(isObject(properties) ? properties : {}), ...changed } };
}

function ref(name: string): JsonObject {
  return { $ref: `github:${name}` };
}
