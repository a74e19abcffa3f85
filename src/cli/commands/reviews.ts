import { SkeinError } from "../../core/base/errors.ts";
import { exactUsd } from "../../core/costs/index.ts";
import { learnedWeight, outcomes, retally } from "../../core/review/index.ts";
import type { Outcome, ReviewSummary, TrackRecord } from "../../core/review/index.ts";
import type { Answer, Call } from "../command.ts";
import { needYes } from "../asking.ts";
import { cliErrors } from "../errors.ts";
import { tableLines } from "../output.ts";
import { whoCalls, withStore } from "../project.ts";
import type { StoredProject } from "../project.ts";
import { printResult } from "../review-output.ts";
import { usd } from "../views.ts";

const listed = 50;

export async function listReviews(call: Call): Promise<Answer> {
  return withStore(call, async ({ skein }) => {
    const reviews = await skein.store.read(async (reader) => skein.reviews.list(reader, listed));
    return {
      data: { reviews: reviews.map(summaryData) },
      lines:
        reviews.length === 0
          ? ["No review yet: `skein review` makes one."]
          : tableLines(
              ["ID", "VERDICT", "FINDINGS", "USD", "PRESET", "SUBJECT"],
              reviews.map((each) => [
                each.id,
                each.verdict ?? each.state,
                String(each.findings),
                exactUsd(each.microUsd),
                each.preset,
                each.subject,
              ]),
            ),
    };
  });
}

/** Ends with the code of the review's verdict. */
export async function showReview(call: Call): Promise<number> {
  return withStore(call, async ({ skein }) => {
    const [id = ""] = call.args;
    const { result } = await skein.store.read(async (reader) => skein.reviews.record(reader, id));
    return printResult(call, result, true);
  });
}

/** Ends with the code of the verdict at the new threshold, or at those of the review. Nothing is kept. */
export async function retallyReview(call: Call): Promise<number> {
  return withStore(call, async ({ skein }) => {
    const [id = ""] = call.args;
    const record = await skein.store.read(async (reader) => skein.reviews.record(reader, id));
    return printResult(call, retally(record, call.options.number("threshold")), true);
  });
}

/** @throws {SkeinError} SKN-5871, SKN-5872; SKN-3871 for an agent. */
export async function decideFinding(call: Call): Promise<Answer> {
  const [id = "", finding = "", word = ""] = call.args;
  const outcome = outcomeOf(word);
  return withStore(call, async (project) => {
    const { actor } = await whoCalls(call, project);
    const { store, reviews } = project.skein;
    const { title } = await store.write(async (tx) =>
      reviews.decide(tx, { id, finding, outcome, actor }),
    );
    return {
      data: { review: id, finding, outcome, title },
      lines: [`${id} ${finding} is ${outcome}: ${title}`],
    };
  });
}

function outcomeOf(word: string): Outcome {
  const outcome = outcomes.find((each) => each === word);
  if (outcome === undefined) {
    throw new SkeinError(cliErrors.badValue, {
      message: `A finding cannot be ${JSON.stringify(word)}.`,
      fix: `Say one of: ${outcomes.join(", ")}.`,
      facts: { value: word, known: outcomes },
    });
  }
  return outcome;
}

const forgotten = "What was learned is forgotten; each vote weighs what is configured.";

/** What was learned, as factors of the configured weights. */
export async function reviewWeights(call: Call): Promise<Answer> {
  return withStore(call, async (project) => {
    const { store, reviews } = project.skein;
    const isDry = call.options.flag("dryRun");
    const isReset = call.options.flag("reset") && !isDry;
    if (isReset) {
      await forgetWeights(call, project);
    }
    const track = await store.read(async (reader) => reviews.track(reader));
    const rows = track.map((record) => ({ ...record, factor: factorOf(record) }));
    const would = isDry ? ["", "Would forget this. Nothing was changed."] : [];
    return {
      data: isDry ? { dry_run: true, weights: rows } : { weights: rows },
      lines:
        rows.length === 0 ? [isReset ? forgotten : nothingLearned] : [...table(rows), ...would],
    };
  });
}

const nothingLearned =
  "Nothing was learned yet: `skein review outcome` tells what became of a finding.";

/** An agent is refused before anybody is asked. @throws {SkeinError} SKN-1007, SKN-8001, SKN-3871. */
async function forgetWeights(call: Call, project: StoredProject): Promise<void> {
  const { store, reviews } = project.skein;
  const { actor, session } = await whoCalls(call, project);
  if (session === null) {
    await needYes(call, "Forget what was learned of all models?");
  }
  await store.write(async (tx) => reviews.forget(tx, actor));
}

function table(rows: readonly (TrackRecord & { readonly factor: number })[]): readonly string[] {
  return tableLines(
    ["MODEL", "CATEGORY", "RIGHT", "WRONG", "WEIGHT"],
    rows.map(({ model, category, right, wrong, factor }) => [
      model,
      category,
      String(right),
      String(wrong),
      `x ${factor.toFixed(2)}`,
    ]),
  );
}

function factorOf(record: TrackRecord): number {
  const { weight } = learnedWeight({ name: record.model, weight: 1_000 }, record.category, [
    record,
  ]);
  return weight / 1_000;
}

function summaryData(each: ReviewSummary): Answer["data"] {
  return {
    id: each.id,
    subject: each.subject,
    preset: each.preset,
    state: each.state,
    verdict: each.verdict,
    findings: each.findings,
    cost_usd: usd(each.microUsd),
    started_at: new Date(each.startedAtMs).toISOString(),
    finished_at: each.finishedAtMs === null ? null : new Date(each.finishedAtMs).toISOString(),
  };
}
