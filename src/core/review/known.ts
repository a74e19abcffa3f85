import type { Reader } from "../store/index.ts";
import { normalLines } from "./diff/lines.ts";
import { looseKeyOf } from "./diff/states.ts";
import type { Finding } from "./finding.ts";
import type { Outcome, ReviewRecord } from "./kept.ts";
import * as sql from "./tables.ts";

/** What a person said of a finding, which may be of an older review than the last. */
interface Word {
  readonly finding: Finding;
  readonly outcome: Outcome;
}

/**
 * What the next review of a subject knows: the findings that its last review left and what that is silent on, with what people have said since
 * it began, of older reviews too. What was said before that is in its states. The newest word about a finding wins.
 */
export async function knownOf(reader: Reader, subject: string): Promise<readonly Finding[]> {
  const last = await reader.get<sql.LastRow>(sql.selectLastOf, [reader.project, subject]);
  if (last === null) {
    return [];
  }
  const words = await wordsSince(reader, { ...last, subject });
  const { result, silent }: ReviewRecord = JSON.parse(last.record);
  const left = [...result.findings, ...silent].filter(({ decision }) => decision !== "check");
  const unmatched = new Set(words);
  const heard = left.map((finding) => {
    const said = words.filter((word) => isSame(finding, word.finding));
    for (const word of said) {
      unmatched.delete(word);
    }
    return stated(finding, said.at(-1)?.outcome);
  });
  const declined = [...unmatched].filter(
    ({ finding, outcome }) => outcome === "dismissed" && finding.decision !== "check",
  );
  // They stand first: of two that are alike, the later one is taken for the finding of the next review.
  return [...declined.map(({ finding }) => stated(finding, "dismissed")), ...heard];
}

/** The last word about each finding, the oldest first. */
async function wordsSince(
  reader: Reader,
  last: sql.LastRow & { readonly subject: string },
): Promise<readonly Word[]> {
  const { number, record, subject, started_at_ms: sinceMs } = last;
  const scope = [reader.project, subject, number, sinceMs];
  const rows = await reader.all<sql.SaidRow>(sql.selectSaidSince, scope);
  const isOfLastOnly = rows.every(({ review }) => review === number);
  const older = isOfLastOnly
    ? []
    : await reader.all<sql.KeptRow>(sql.selectSpokenOf, [reader.project, ...scope, number]);
  const found = new Map(
    [{ number, record }, ...older].map((row) => [row.number, findingsIn(row.record)] as const),
  );
  const words = new Map<string, Word>();
  for (const { review, finding: name, outcome } of rows) {
    const finding = found.get(review)?.find(({ id }) => id === name);
    if (finding !== undefined) {
      words.delete(finding.fingerprint);
      words.set(finding.fingerprint, { finding, outcome });
    }
  }
  return [...words.values()];
}

function findingsIn(record: string): readonly Finding[] {
  const { result }: ReviewRecord = JSON.parse(record);
  return [...result.findings, ...result.unconfirmed];
}

/** One finding of two reviews, though one of them may quote a line or two more. */
function isSame(one: Finding, other: Finding): boolean {
  if (one.fingerprint === other.fingerprint) {
    return true;
  }
  const [mine, its] = [codeOf(one), codeOf(other)];
  return looseKeyOf(one) === looseKeyOf(other) && (mine.includes(its) || its.includes(mine));
}

function codeOf({ quoted, original }: Finding): string {
  return normalLines(original?.quoted ?? quoted).join("\n");
}

/** What was declined before and is not so any longer may be found again. */
function stated(finding: Finding, outcome: Outcome | undefined): Finding {
  if (outcome === "dismissed") {
    return { ...finding, state: "declined" };
  }
  return outcome === "resolved" && finding.state === "declined"
    ? { ...finding, state: "open" }
    : finding;
}
