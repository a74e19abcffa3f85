import { isMap, isNode, isScalar, visit } from "yaml";

import { settingsErrors } from "./errors.ts";
import type { Fault, Source } from "./fault.ts";

/** What the variables stand for. */
export type Environment = Readonly<Record<string, string | undefined>>;

const entry = settingsErrors.settingsVariable;

/** Finds variables in `rules`, which are read where the environment is somebody else's. */
export function variablesInRules({ document }: Source): readonly Fault[] {
  const section = document.get("rules", true);
  const faults: Fault[] = [];
  if (isNode(section)) {
    visit(section, {
      Scalar: (_key, { value, range }) => {
        if (typeof value === "string" && value.includes("${")) {
          faults.push({
            entry,
            message: "`rules` takes no variables: they are read on other machines too.",
            offset: range?.[0] ?? 0,
            fix: "Write the value itself.",
          });
        }
      },
    });
  }
  return faults;
}

/** Replaces `${NAME}` and `${NAME:-default}` in values, but not in commands, which have variables of their own; returns what it could not. */
export function substitute({ document }: Source, env: Environment): readonly Fault[] {
  const faults: Fault[] = [];
  visit(document, {
    Pair: (_key, pair) =>
      isScalar(pair.key) && pair.key.value === "checks" && isMap(pair.value)
        ? visit.SKIP
        : undefined,
    Scalar: (key, node) => {
      if (key === "key" || typeof node.value !== "string" || !node.value.includes("${")) {
        return;
      }
      const { text, messages } = filled(node.value, env);
      const offset = node.range?.[0] ?? 0;
      faults.push(...messages.map((message) => ({ entry, message, offset })));
      node.value = messages.length === 0 ? plainValue(text) : node.value;
    },
  });
  return faults;
}

interface Filled {
  readonly text: string;
  /** What was wrong. */
  readonly messages: readonly string[];
}

function filled(written: string, env: Environment): Filled {
  const messages: string[] = [];
  const text = written.replaceAll(/\$\{([^}]*)\}/gu, (_whole, inner: string) => {
    const variable = read(inner, env);
    if (variable.kind === "wrong") {
      messages.push(variable.message);
      return "";
    }
    return variable.value;
  });
  return { text, messages };
}

type Variable =
  | { readonly kind: "value"; readonly value: string }
  | { readonly kind: "wrong"; readonly message: string };

function read(inner: string, env: Environment): Variable {
  const found = /^([A-Za-z_]\w*)(?::-(.*))?$/u.exec(inner);
  const name = found?.[1];
  if (name === undefined) {
    return { kind: "wrong", message: `\${${inner}} is not the name of a variable.` };
  }
  if (/(?:TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|API_?KEY|PRIVATE_?KEY)/iu.test(name)) {
    const message = `${name} holds a secret by its name, and settings are shown and logged.`;
    return { kind: "wrong", message };
  }
  const value = env[name] ?? found?.[2];
  return value === undefined
    ? {
        kind: "wrong",
        message: `The environment variable ${name} is not set and has no default.`,
      }
    : { kind: "value", value };
}

/** A whole number or a boolean that came from a variable is one. */
function plainValue(text: string): string | number | boolean {
  if (/^(?:true|false)$/u.test(text)) {
    return text === "true";
  }
  return /^-?\d+(?:\.\d+)?$/u.test(text) ? Number(text) : text;
}
