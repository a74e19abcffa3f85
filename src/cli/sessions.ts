import { SkeinError } from "../core/base/errors.ts";
import { dispatchErrors } from "../core/dispatch/index.ts";
import type { Skein } from "../core/index.ts";
import type { Session } from "../core/sessions/index.ts";
import { didYouMean } from "./program.ts";

/** The living session that a person names, by id or name. @throws {SkeinError} SKN-5801, with the closest known one. */
export async function findLiving(
  { store, sessions }: Pick<Skein, "store" | "sessions">,
  named: string,
): Promise<Session> {
  const { found, known } = await store.read(async (reader) => ({
    found: await sessions.find(reader, named),
    known: await sessions.list(reader, "living"),
  }));
  if (found !== null) {
    return found;
  }
  const error = new SkeinError(dispatchErrors.session, {
    message: `There is no living session ${JSON.stringify(named)}.`,
    facts: { session: named },
  });
  throw didYouMean(
    error,
    named,
    known.flatMap(({ id, name }) => [id, name]),
  );
}
