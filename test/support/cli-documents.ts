import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { ValidateFunction } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { z } from "zod";
import { describedElsewhere, documents, speakOtherwise } from "../../scripts/cli-schema.ts";
import { catalog } from "../../src/cli/catalog.ts";

const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
const compiled = new Map<string, ValidateFunction>();

/** What of a printed document is not as the schema of that name says it, at any depth: a field that it does not name is a fault, too. */
export function faultsOf(name: string, printed: unknown): readonly string[] {
  const isValid = validatorOf(name);
  if (isValid === null) {
    return [`there is no schema for \`${name}\``];
  }
  return isValid(printed)
    ? []
    : (isValid.errors ?? []).map(
        ({ instancePath, message, params }) =>
          `${name} ${instancePath}: ${message ?? ""} ${JSON.stringify(params)}`,
      );
}

function validatorOf(name: string): ValidateFunction | null {
  const schema = schemaOf(name);
  const known = compiled.get(name) ?? (schema === null ? null : ajv.compile(schema));
  if (known !== null) {
    compiled.set(name, known);
  }
  return known;
}

function schemaOf(name: string): object | null {
  const type = documents[name];
  const file = describedElsewhere[name];
  if (type !== undefined) {
    return z.toJSONSchema(type, { io: "output" });
  }
  return file === undefined
    ? null
    : JSON.parse(readFileSync(join(import.meta.dirname, "../../schema", file), "utf8"));
}

/** The names of all documents that a command of the catalog may print: its own, those of its options, and those in other schemas. */
export function documentsOf(command: string): readonly string[] {
  const isOf = (name: string): boolean =>
    name === command || (name.startsWith(`${command} `) && /^(?:-|[A-Z])/u.test(restOf(name)));
  const restOf = (name: string): string => name.slice(command.length + 1);
  const own = [...Object.keys(documents), ...Object.keys(describedElsewhere)].filter(isOf);
  // Without a name it lists them.
  return command === "plan show" ? [...own, "plan list"] : own;
}

/** What is wrong with the JSON that a call wrote: each document has to be one of the command's. Nothing where no JSON was asked for. */
export function faultsOfOutput(argv: readonly string[], out: string): readonly string[] {
  const words = argv.filter((word) => !word.startsWith("-"));
  const command = [words.slice(0, 2).join(" "), words[0] ?? ""].find((name) =>
    catalog.some((spec) => spec.name === name),
  );
  const isHelp = argv.includes("--help") || words[0] === "help";
  if (!argv.includes("--json") || out === "" || isHelp || command === undefined) {
    return [];
  }
  const names = documentsOf(command);
  if (speakOtherwise.includes(command)) {
    return [];
  }
  return printedIn(out).flatMap((printed) => {
    const faults = names.map((name) => faultsOf(name, printed));
    return faults.some((each) => each.length === 0)
      ? []
      : [`\`${command}\` printed what its schemas do not say: ${faults.flat().join("; ")}`];
  });
}

/** One document, or one a line. */
function printedIn(out: string): readonly unknown[] {
  try {
    return [JSON.parse(out)];
  } catch {
    return out
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
  }
}
