import { createWork } from "../../core/decomposition/index.ts";
import { createIntake } from "../../core/intake/index.ts";
import type { Intake } from "../../core/intake/index.ts";
import type { BotContext } from "../context.ts";
import { openLedger } from "../workplace.ts";
import type { Workplace } from "../workplace.ts";

/** Works with the issues that events make. Over a ledger that outlives the run their tasks are there, too, so that agents get them. */
export async function withIntake<T>(
  context: BotContext,
  place: Workplace,
  work: (intake: Intake) => Promise<T>,
): Promise<T> {
  const { host, settings } = place;
  const { mostOpen } = settings.github.tasks;
  // A dry run changes no task of a database either.
  if (!context.isDurable || context.wishes.isDryRun) {
    return work(createIntake({ host, mostOpen, work: null }));
  }
  const { skein } = await openLedger(context, place);
  try {
    const tasks = createWork({ ...skein, actor: "system" });
    return await work(createIntake({ host, mostOpen, work: tasks }));
  } finally {
    await skein.close();
  }
}
