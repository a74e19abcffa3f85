import type { OpenProject } from "../../compose.ts";
import { referenceOf } from "../../core/hosting/index.ts";
import { shortPrint } from "../../core/pull-reviews/index.ts";
import type { Told } from "../../core/pull-reviews/index.ts";
import type { BotContext } from "../context.ts";
import { openLedger } from "../workplace.ts";
import type { Workplace } from "../workplace.ts";

/** So many of the newest reviews are looked through for a finding. */
const mostReviews = 200;

/** Keeps what people did with findings, so that the votes' weights learn. Said again it changes nothing. */
export async function learnOutcomes(
  context: BotContext,
  place: Workplace,
  { number, told }: { readonly number: number; readonly told: readonly Told[] },
): Promise<void> {
  const project = await openLedger(context, place);
  try {
    const subject = `pr:${referenceOf(place.host.name, number)}`;
    for (const each of told) {
      await learnOutcome(project, subject, each);
    }
  } finally {
    await project.skein.close();
  }
}

/** By the newest review that has the finding. */
async function learnOutcome(
  { skein }: OpenProject,
  subject: string,
  { print, outcome, by }: Told,
): Promise<void> {
  const { store, reviews } = skein;
  const found = await store.read(async (reader) => {
    for (const review of await reviews.list(reader, mostReviews)) {
      if (review.subject === subject && review.state === "finished") {
        const { result } = await reviews.record(reader, review.id);
        const finding = result.findings.find(
          ({ fingerprint }) => shortPrint(fingerprint) === print,
        );
        if (finding !== undefined) {
          return { id: review.id, finding: finding.id };
        }
      }
    }
    return null;
  });
  if (found !== null) {
    const actor = `person:${by.login}` as const;
    await store.write(async (tx) => reviews.decide(tx, { ...found, outcome, actor }));
  }
}
