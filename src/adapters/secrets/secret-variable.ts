import { SkeinError } from "../../core/base/errors.ts";
import { secretErrors } from "./errors.ts";
import { readSecretFile } from "./secret-file.ts";
import type { SecretFinder } from "./secret-file.ts";

interface VariableDeps extends SecretFinder {
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The secret in a variable, or in the file that `NAME_FILE` names where `NAME` is not set: what mounts secrets as files sets only paths.
 *
 * @throws {SkeinError} SKN-3971 when neither is set, SKN-3972 or SKN-8971 for the file.
 */
export async function readSecretVariable(name: string, deps: VariableDeps): Promise<string> {
  const value = await findSecretVariable(name, deps);
  if (value === null) {
    throw new SkeinError(secretErrors.noVariable, {
      message: `The environment variable ${name} is not set.`,
      fix: `Set ${name} in the environment that Skein runs in, or ${name}_FILE to the path of a file, or name another one ${deps.named ?? "in skein.yml"}.`,
      facts: { variable: name },
    });
  }
  return value;
}

/** The same; null when neither variable is set. @throws {SkeinError} SKN-3972 or SKN-8971 for the file. */
export async function findSecretVariable(name: string, deps: VariableDeps): Promise<string | null> {
  const { env, home } = deps;
  const value = textOf(env, name);
  if (value !== null) {
    return value;
  }
  const path = textOf(env, `${name}_FILE`);
  return path === null
    ? null
    : (await readSecretFile(path, { home, named: `in ${name}_FILE` })).trim();
}

function textOf(env: VariableDeps["env"], name: string): string | null {
  const text = Object.hasOwn(env, name) ? env[name]?.trim() : undefined;
  return text === undefined || text === "" ? null : text;
}
