import { referenceOf } from "../hosting/index.ts";
import type { KeepingDeps } from "./keeping.ts";
import { textHash } from "./text-hash.ts";

/** By the key of a child: the 12 digits in its hidden line that prove that its plan was approved. */
export type ProofOf = (key: string) => string;

/**
 * The proofs of the children under an approved hash: its first digits, which everybody reads in the preview; with a key those of a signature,
 * which nobody else can make, whatever other programs of the same account repeat.
 */
export function proofsOf(
  { host, sign }: Pick<KeepingDeps, "host" | "sign">,
  issue: number,
  hash: string,
): ProofOf {
  const subject = referenceOf(host.name, issue);
  return (key) => {
    const whole = sign === null ? hash : textHash(sign(`skein:child:v1 ${subject} ${hash} ${key}`));
    return whole.slice(0, 12);
  };
}
