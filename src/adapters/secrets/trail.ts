import { homedir } from "node:os";

import { createSecrets } from "./references.ts";

export interface Trail {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** True for what is looked for, false for a further reference to it. */
  readonly isEnd: (text: string) => boolean;
  /** Where the first reference stands, as an end of `Name another one …`. */
  readonly named: string;
}

/** A variable may itself say where a value is, but not without end. */
const longest = 3;

/**
 * Follows a reference to what it stands for, by way of at most two others.
 *
 * @throws {SkeinError} as `Secrets.resolve`; the value stands in none of the errors.
 */
export async function followTrail(
  reference: string,
  { env, isEnd, named }: Trail,
): Promise<string> {
  const secrets = createSecrets({ env, home: env["HOME"] ?? homedir() });
  let text = reference;
  let place = named;
  for (let step = 0; step < longest && !isEnd(text); step += 1) {
    const before = text;
    text = await secrets.resolve(text, place);
    place = `in ${before.replace(/^(?:env|file):/u, "")}`;
  }
  return text;
}
