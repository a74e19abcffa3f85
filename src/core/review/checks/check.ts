import type { ChangedFile } from "../change.ts";
import type { Finding } from "../finding.ts";

/** What a check found: a finding that was not voted on. Its words are ours; only `quoted` and the path come from the change. */
export type Fault = Pick<
  Finding,
  "path" | "line" | "endLine" | "severity" | "category" | "title" | "body" | "quoted" | "placement"
>;

/** A check of all changed files, also of those that no reviewer is shown. Answers the same for the same change. */
export type Check = (files: readonly ChangedFile[]) => readonly Fault[];

/** A fault of a file as a whole. */
export function faultOfFile(
  { path }: ChangedFile,
  words: Pick<Fault, "severity" | "category" | "title" | "body">,
): Fault {
  return { path, line: 1, endLine: 1, quoted: "", placement: "file", ...words };
}
