import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { mended } from "./errata.ts";
import { isObject, objectIn } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";

/** A parameter as GitHub describes it. */
interface Parameter {
  readonly name: string;
  readonly in: "path" | "query";
  readonly required: boolean;
  readonly schema: JsonObject;
}

/** One operation of GitHub's REST API. */
export interface Operation {
  /** `METHOD path`, as the description writes it. */
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly body: { readonly required: boolean; readonly schema: JsonObject | null } | null;
  /** The schema of the body by status; null where there is none. */
  readonly responses: Readonly<Record<string, JsonObject | null>>;
}

/** The operation that a request means. */
export interface Match {
  readonly operation: Operation;
  /** Percent-decoded. */
  readonly params: Readonly<Record<string, string>>;
}

interface Extract {
  readonly about: JsonObject;
  readonly operations: Readonly<Record<string, Omit<Operation, "name">>>;
  readonly webhooks: Readonly<Record<string, JsonObject>>;
  readonly schemas: Readonly<Record<string, JsonObject>>;
}

const extract = readExtract();

/** Every operation of the extract. */
export const operations: readonly Operation[] = Object.entries(extract.operations).map(
  ([name, { responses, ...operation }]) => ({
    name,
    ...operation,
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, schema]) => [
        status,
        schema !== null && status.startsWith("2") ? mended(name, schema) : schema,
      ]),
    ),
  }),
);

/** Parameters that hold several segments, as the description's own extension says. */
const multiSegment = new Set(["path", "ref", "branch", "basehead"]);

/** Every schema that the operations and webhooks reach. */
export const schemaNames: readonly string[] = Object.keys(extract.schemas);

const ajv = createAjv();
const compiled = new Map<string, ValidateFunction>();
const patterns = operations.map((operation) => ({ operation, ...patternOf(operation.name) }));

/** The operation of a request, null where the extract has none. Literal segments win over parameters. */
export function matchOperation(method: string, path: string): Match | null {
  const fits = patterns
    .filter((candidate) => candidate.method === method)
    .flatMap(({ operation, pattern, names, weight }) => {
      const found = pattern.exec(path);
      return found === null ? [] : [{ operation, names, weight, values: found.slice(1) }];
    })
    .toSorted((a, b) => b.weight - a.weight);
  const [best] = fits;
  if (best === undefined) {
    return null;
  }
  const params = best.names.map((name, at): readonly [string, string] => [
    name,
    decoded(best.values[at] ?? ""),
  ]);
  return { operation: best.operation, params: Object.fromEntries(params) };
}

/** What is wrong with a value, in a sentence each; empty where it fits the schema. `key` names the schema for the cache. */
export function faultsOf(key: string, schema: JsonObject, value: unknown): readonly string[] {
  const found = compiled.get(key);
  const validate = found ?? ajv.compile(closed(schema));
  if (found === undefined) {
    compiled.set(key, validate);
  }
  if (validate(value)) {
    return [];
  }
  return (validate.errors ?? [])
    .slice(0, 12)
    .map(({ instancePath, message, params }) =>
      `${instancePath} ${message ?? ""} ${JSON.stringify(params)}`.trim(),
    );
}

/** What is wrong with the payload of a webhook, named as `issues.opened` or `push`. */
export function webhookFaults(name: string, payload: Json): readonly string[] {
  const schema = extract.webhooks[name];
  return schema === undefined
    ? [`The extract has no webhook ${name}; add it to scripts/github-operations.ts.`]
    : faultsOf(`webhook ${name}`, schema, payload);
}

function readExtract(): Extract {
  const value: unknown = JSON.parse(readFileSync(new URL("openapi.json", import.meta.url), "utf8"));
  if (!isExtract(value)) {
    throw new Error("openapi.json is no extract; run scripts/github-extract.ts.");
  }
  return value;
}

function isExtract(value: unknown): value is Extract {
  return (
    isObject(value) && ["operations", "webhooks", "schemas"].every((key) => isObject(value[key]))
  );
}

/** Text of a path; what is no percent-encoding stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function createAjv(): Ajv2020 {
  const instance = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
  addFormats.default(instance);
  for (const format of ["repo.nwo", "ssh-url", "binary"]) {
    instance.addFormat(format, true);
  }
  for (const [name, raw] of Object.entries(extract.schemas)) {
    const schema = mended(name, raw);
    instance.addSchema({ ...closed(schema), $id: `github:${name}` });
    instance.addSchema({ ...closed(schema, true), $id: `github:${name}+open` });
  }
  return instance;
}

/**
 * The same schema, closed to unknown fields.
 *
 * Parts of a composition are left open and the whole is closed with `unevaluatedProperties`, because each part sees the fields of
 * the others. What the description leaves open on purpose stays open, but not the parts of a composition that has fields of its own.
 */
function closed(schema: JsonObject, isPart = false): JsonObject {
  const { $ref } = schema;
  if (typeof $ref === "string") {
    return { $ref: isPart ? `${$ref}+open` : $ref };
  }
  const isMixed = "allOf" in schema || ("properties" in schema && hasChoice(schema));
  const walked = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      const isChoice = key === "anyOf" || key === "oneOf";
      const name = key === "oneOf" ? "anyOf" : key;
      return [name, walk({ key, value, isPart: isMixed || (isChoice && isPart) })];
    }),
  );
  if (isPart) {
    const { additionalProperties, ...others } = walked;
    return typeof additionalProperties === "boolean" ? others : walked;
  }
  if (isMixed) {
    return { ...walked, unevaluatedProperties: false };
  }
  const isOpen = !("properties" in schema) || "additionalProperties" in schema;
  return isOpen ? walked : { ...walked, additionalProperties: false };
}

function hasChoice(schema: JsonObject): boolean {
  return "anyOf" in schema || "oneOf" in schema;
}

interface Part {
  readonly key: string;
  readonly value: Json | undefined;
  readonly isPart: boolean;
}

function walk({ key, value, isPart }: Part): Json | undefined {
  if (key === "properties" && isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, part]) => [name, isObject(part) ? closed(part) : part]),
    );
  }
  if ((key === "items" || key === "additionalProperties") && isObject(value)) {
    return closed(value);
  }
  if (["allOf", "anyOf", "oneOf"].includes(key) && Array.isArray(value)) {
    return value.map((part: Json) => (isObject(part) ? closed(part, isPart) : part));
  }
  return value;
}

interface Pattern {
  readonly method: string;
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly weight: number;
}

function patternOf(name: string): Pattern {
  const [method = "", path = ""] = name.split(" ");
  const names: string[] = [];
  const source = path.replaceAll(
    /\/\{path\}|\{(\w+)\}|[.+*?^$()[\]|\\]/gu,
    (found, parameter?: string) => {
      if (found === "/{path}") {
        names.push("path");
        return "(?:/(.*))?";
      }
      if (parameter === undefined) {
        return `\\${found}`;
      }
      names.push(parameter);
      return multiSegment.has(parameter) ? "(.*)" : "([^/]+)";
    },
  );
  const literals = path.split("/").filter((segment) => !segment.startsWith("{"));
  return {
    method,
    pattern: new RegExp(`^${source}/?$`, "u"),
    names,
    weight: literals.length * 10 + path.length / 100,
  };
}

/** A payload cut to the fields that the description of a webhook has, as those of its pull requests are fewer than the API's. */
export function fittedToWebhook(name: string, payload: JsonObject): JsonObject {
  const schema = extract.webhooks[name];
  const fit = schema === undefined ? payload : fitted(schema, payload);
  return isObject(fit) ? fit : payload;
}

function fitted(schema: JsonObject, value: Json): Json {
  if (Array.isArray(value)) {
    const items = partsOf(schema)
      .map((part) => part["items"])
      .find(isObject);
    return items === undefined ? value : value.map((entry: Json) => fitted(items, entry));
  }
  const known = partsOf(schema).flatMap((part) =>
    Object.entries(objectIn(part, "properties") ?? {}),
  );
  if (!isObject(value) || known.length === 0) {
    return value;
  }
  const kept = Object.entries(value).flatMap(([key, entry]) => {
    // Two parts may describe one field, each with fields that the other has not: what comes has to fit both.
    const parts = known.flatMap(([name, part]) => (name === key && isObject(part) ? [part] : []));
    return parts.length > 0 && entry !== undefined
      ? [[key, parts.reduce((fit: Json, part) => fitted(part, fit), entry)] as const]
      : [];
  });
  return Object.fromEntries(kept);
}

/** A schema, what it refers to, and the parts of its composition. */
function partsOf(schema: JsonObject): readonly JsonObject[] {
  const { $ref } = schema;
  if (typeof $ref === "string") {
    const name = $ref.slice("github:".length);
    return partsOf(mended(name, extract.schemas[name] ?? {}));
  }
  const parts = ["allOf", "anyOf", "oneOf"].flatMap((key) => {
    const list = schema[key];
    return Array.isArray(list) ? (list as readonly Json[]).filter(isObject) : [];
  });
  return [schema, ...parts.flatMap(partsOf)];
}
