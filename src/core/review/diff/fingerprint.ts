import { hash } from "node:crypto";

import type { Category, Claim } from "../candidate.ts";
import { normalLines } from "./lines.ts";

/** What two reviewers of one fault would still call the same, though they classify it differently. */
const families: Readonly<Record<Category, string>> = {
  security: "safety",
  "data-loss": "safety",
  correctness: "behaviour",
  concurrency: "behaviour",
  "error-handling": "behaviour",
  performance: "cost",
  resource: "cost",
  api: "form",
  test: "form",
  docs: "form",
  style: "form",
};

/** What an identity is made from. */
export type Identified = Pick<Claim, "path" | "category" | "quoted" | "title"> & {
  readonly symbol?: string | null | undefined;
};

/**
 * Identifies a finding over pushes: the category's family, the path, and the quoted code without its spacing. No line numbers, so that code
 * added above changes nothing; no words of the model, which differ from run to run. Without quoted code its symbol stands in, else the
 * title's words. 32 hexadecimal digits.
 */
export function fingerprintOf(finding: Identified): string {
  return digest("1", finding, [codeOf(finding)]);
}

/**
 * A looser key for the same problem quoted a little differently: the longest quoted line alone. Equal fingerprints mean equal keys mostly,
 * never the reverse. 32 hexadecimal digits.
 */
export function fuzzyKeyOf(finding: Identified): string {
  const longest = normalLines(finding.quoted).reduce(
    (best, line) => (line.length > best.length ? line : best),
    "",
  );
  return digest("fuzzy", finding, [longest === "" ? codeOf(finding) : longest]);
}

/** Tells findings with one fingerprint in one review apart: the second and later ones, in the order given, get a number hashed in. */
export function distinctFingerprints<T extends { readonly fingerprint: string }>(
  findings: readonly T[],
): readonly T[] {
  const seen = new Map<string, number>();
  return findings.map((finding) => {
    const count = (seen.get(finding.fingerprint) ?? 0) + 1;
    seen.set(finding.fingerprint, count);
    return count === 1
      ? finding
      : { ...finding, fingerprint: sha(`${finding.fingerprint}#${String(count)}`) };
  });
}

function codeOf({ quoted, symbol, title }: Identified): string {
  const code = normalLines(quoted).join("\n");
  if (code !== "") {
    return code;
  }
  return (
    symbol ?? [...new Set(title.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu))].toSorted().join(" ")
  );
}

function digest(kind: string, { path, category }: Identified, parts: readonly string[]): string {
  return sha(JSON.stringify([kind, families[category], path, ...parts]));
}

function sha(text: string): string {
  return hash("sha256", text).slice(0, 32);
}
