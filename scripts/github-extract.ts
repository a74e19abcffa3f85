/**
 * `npm run github:extract [-- --from DIR]`: makes `test/support/github/openapi.json` from GitHub's own description.
 *
 * The package is 400 MB, so no dependency: without `--from`, the pinned version is installed into a temporary folder. What is kept:
 * the operations and webhooks of `github-operations.ts` and every schema that they reach, without prose and examples, in JSON Schema.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { githubOperations, githubWebhooks } from "./github-operations.ts";
import { root, runQuietly } from "./run.ts";

const version = "23.0.2";
const product = "api.github.com";
const target = join(root, "test/support/github/openapi.json");

type Json = null | boolean | number | string | readonly Json[] | JsonObject;
interface JsonObject {
  readonly [key: string]: Json;
}

/** What only people read. */
const prose = new Set([
  "description",
  "example",
  "examples",
  "externalDocs",
  "summary",
  "title",
  "deprecated",
  "default",
  "x-github",
  "x-github-breaking-changes",
  "x-octokit",
  "x-multi-segment",
]);

const { values } = parseArgs({ options: { from: { type: "string" } } });
const temporary = values.from === undefined ? mkdtempSync(join(tmpdir(), "github-openapi-")) : null;
try {
  const folder = values.from ?? install(temporary ?? "");
  const manifest = readJson(join(folder, "package.json"));
  if (manifest["version"] !== version) {
    throw new Error(
      `${folder} has version ${JSON.stringify(manifest["version"])}; ${version} is pinned.`,
    );
  }
  const text = extract(readJson(join(folder, "generated", `${product}.json`)));
  writeFileSync(target, text);
  console.log(`${target}: ${String(Math.round(text.length / 1024))} KB`);
} finally {
  if (temporary !== null) {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function install(folder: string): string {
  runQuietly("npm", [
    "install",
    "--no-save",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--prefix",
    folder,
    `@octokit/openapi@${version}`,
  ]);
  return join(folder, "node_modules/@octokit/openapi");
}

function extract(description: JsonObject): string {
  const operations = Object.fromEntries(
    githubOperations.map((name) => [name, operationOf(description, name)]),
  );
  const webhooks = Object.fromEntries(
    githubWebhooks.map((name) => [name, webhookOf(description, name)]),
  );
  const schemas = reachable(description, [operations, webhooks]);
  const about = { package: "@octokit/openapi", version, product, license: "MIT" };
  return `{\n"about":${JSON.stringify(about)},\n${[
    section("operations", operations),
    section("webhooks", webhooks),
    section("schemas", schemas),
  ].join(",\n")}\n}\n`;
}

/** One line for each entry, so that a newer description shows as a readable difference. */
function section(name: string, entries: JsonObject): string {
  const lines = Object.entries(entries).map(([key, value]) => `"${key}":${JSON.stringify(value)}`);
  return `"${name}":{\n${lines.join(",\n")}\n}`;
}

function operationOf(description: JsonObject, name: string): JsonObject {
  const [method = "", path = ""] = name.split(" ");
  const operation = objectOf(at(description, ["paths", path, method.toLowerCase()], name));
  const body = operation["requestBody"];
  return {
    parameters: listOf(operation["parameters"] ?? []).map((parameter) =>
      parameterOf(objectOf(resolved(description, parameter))),
    ),
    body: body === undefined ? null : bodyOf(objectOf(body)),
    responses: Object.fromEntries(
      Object.entries(objectOf(operation["responses"] ?? {})).map(([status, response]) => [
        status,
        contentOf(objectOf(resolved(description, response))),
      ]),
    ),
  };
}

function webhookOf(description: JsonObject, name: string): Json {
  const key = name.replaceAll(/[._]/gu, "-");
  const webhook = at(description, ["x-webhooks", key, "post", "requestBody"], name);
  return contentOf(objectOf(webhook));
}

function parameterOf(parameter: JsonObject): JsonObject {
  return {
    name: parameter["name"] ?? "",
    in: parameter["in"] ?? "",
    required: parameter["required"] ?? false,
    schema: schemaOf(parameter["schema"] ?? {}),
  };
}

function bodyOf(body: JsonObject): JsonObject {
  return { required: body["required"] ?? false, schema: contentOf(body) };
}

/** The schema of the JSON that a request or response carries; null where it carries none. */
function contentOf(holder: JsonObject): Json {
  const content = objectOf(holder["content"] ?? {});
  const json = content["application/json"];
  return json === undefined ? null : schemaOf(objectOf(json)["schema"] ?? {});
}

/** OpenAPI 3.0 becomes JSON Schema: `nullable` becomes the type null, references become `github:NAME`, prose goes. */
function schemaOf(schema: Json): Json {
  const { nullable, ...kept } = objectOf(schema);
  const { $ref } = kept;
  if (typeof $ref === "string") {
    return { $ref: `github:${nameIn($ref)}` };
  }
  const clean = Object.fromEntries(
    Object.entries(kept)
      .filter(([key]) => !prose.has(key))
      .map(([key, value]) => [key, partOf(key, value)]),
  );
  return nullable === true ? orNull(clean) : clean;
}

function partOf(key: string, value: Json): Json {
  switch (key) {
    case "properties":
    case "patternProperties":
      return Object.fromEntries(
        Object.entries(objectOf(value)).map(([name, part]) => [name, schemaOf(part)]),
      );
    case "allOf":
    case "anyOf":
    case "oneOf":
      return listOf(value).map(schemaOf);
    case "items":
    case "not":
      return schemaOf(value);
    case "additionalProperties":
      return typeof value === "boolean" ? value : schemaOf(value);
    default:
      return value;
  }
}

function orNull(schema: JsonObject): Json {
  const { type, ...others } = schema;
  if (typeof type !== "string" || "allOf" in others || "anyOf" in others || "oneOf" in others) {
    return { anyOf: [schema, { type: "null" }] };
  }
  const { enum: values_ } = others;
  return {
    ...others,
    type: [type, "null"],
    ...(values_ === undefined ? {} : { enum: [...new Set([...listOf(values_), null])] }),
  };
}

function reachable(description: JsonObject, from: Json): JsonObject {
  const found = new Map<string, Json>();
  const visit = (value: Json): void => {
    if (value === null || typeof value !== "object") {
      return;
    }
    for (const [key, part] of Object.entries(value)) {
      if (key === "$ref" && typeof part === "string" && !found.has(part)) {
        const name = part.slice("github:".length);
        const schema = schemaOf(at(description, ["components", "schemas", name], name));
        found.set(part, schema);
        visit(schema);
      } else {
        visit(part);
      }
    }
  };
  visit(from);
  return Object.fromEntries(
    [...found]
      .map(([ref, schema]) => [ref.slice("github:".length), schema] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function resolved(description: JsonObject, value: Json): Json {
  const { $ref } = objectOf(value);
  return typeof $ref === "string" ? at(description, $ref.split("/").slice(1), $ref) : value;
}

function nameIn(ref: string): string {
  return ref.slice(ref.lastIndexOf("/") + 1);
}

function at(value: Json, path: readonly string[], what: string): Json {
  return path.reduce<Json>((part, key) => {
    const next = objectOf(part)[key];
    if (next === undefined) {
      throw new Error(`The description has no ${what}: ${path.join(" > ")}.`);
    }
    return next;
  }, value);
}

function objectOf(value: Json): JsonObject {
  if (!isObject(value)) {
    throw new Error(`An object was expected, not ${JSON.stringify(value).slice(0, 80)}.`);
  }
  return value;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listOf(value: Json): readonly Json[] {
  if (!isList(value)) {
    throw new TypeError(`A list was expected, not ${JSON.stringify(value).slice(0, 80)}.`);
  }
  return value;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function readJson(file: string): JsonObject {
  const value: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (!isObject(value)) {
    throw new Error(`${file} holds no object.`);
  }
  return value;
}
