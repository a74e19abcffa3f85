import type { BotContext } from "../context.ts";

type Joining = Pick<BotContext, "database" | "env" | "event" | "isDurable" | "log" | "signal">;

/**
 * Joins the database that the workflow names, so that the run's ledger is there. Where it does not answer, the run goes on without it: what Skein's comments
 * remember still counts, and a warning says what does not.
 *
 * @throws {SkeinError} SKN-31xx, SKN-7106: what people have to mend at the database.
 */
export async function joinDatabase<T extends Joining>(context: T): Promise<T> {
  const { env, event, log, signal } = context;
  const url = env["SKEIN_DATABASE_URL"] ?? "";
  if (url === "") {
    return context;
  }
  const { isAway, prepareDatabase } = await import("../../compose-action-store.ts");
  const { fullName } = event.repository;
  try {
    const project = await prepareDatabase({ url, env, fullName, signal });
    log.info(`The ledger is the project ${project} of the database.`);
    const joined = { ...env, SKEIN_PROJECT: project };
    return { ...context, isDurable: true, database: "open", env: joined };
  } catch (error) {
    if (!isAway(error)) {
      throw error;
    }
    log.warn(
      `The database of \`database-url\` does not answer (${error.code}). The run goes on with what Skein's comments remember; where limits by author, day or month are set, no model is asked until it answers.`,
    );
    return { ...context, database: "away", env: { ...env, SKEIN_DATABASE_URL: undefined } };
  }
}
