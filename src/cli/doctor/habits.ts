import type { OpenProject } from "../../compose.ts";
import type { Event } from "../../core/index.ts";
import type { Reader } from "../../core/store/index.ts";
import { readSessions } from "../board.ts";
import { fine, trouble } from "./finding.ts";
import type { Finding } from "./finding.ts";
import { counted } from "../counted.ts";

/** Looks at how Skein is used here: sessions left behind, guards overruled, work without a commit. */
export async function examineHabits(project: OpenProject): Promise<readonly Finding[]> {
  const log = await lastEvents(project);
  return [
    ...(await examineSessions(project)),
    ...examineOverrides(log),
    ...(await examineAdoption(project)),
  ];
}

async function examineSessions({ skein }: OpenProject): Promise<readonly Finding[]> {
  const { rows, holders } = await skein.store.read(async (reader) => ({
    rows: await readSessions(skein, reader, "living"),
    holders: await holdersOf(skein, reader),
  }));
  // One that left with empty hands ended well: nobody says goodbye, and its row ends by itself.
  const gone = rows.filter(
    ({ session, state }) => (state === "stale" || state === "dead") && holders.has(session.id),
  );
  return gone.length === 0
    ? [
        fine(
          "sessions",
          `${counted(rows.length, "session")} ${rows.length === 1 ? "lives" : "live"}.`,
        ),
      ]
    : gone.map(({ session, state }) =>
        trouble(state === "dead" ? "warn" : "note", "session-stale", {
          what: `${session.name} (${session.id}) is ${state} and still holds work.`,
          why: "What it holds comes back by itself, a dead one's with the next call of anybody.",
          fix: `skein session revoke ${session.id} --reason "gone" --yes`,
          mend:
            state === "dead"
              ? async () => {
                  await skein.dispatch.recover();
                }
              : null,
        }),
      );
}

/** Sessions with an unfinished task, or with paths that do not wait for their integration. */
async function holdersOf(
  { plans, leases }: OpenProject["skein"],
  reader: Reader,
): Promise<ReadonlySet<string>> {
  const claimed = await plans.listTasks(reader, { status: "claimed", limit: 1_000 });
  const held = (await leases.list(reader)).filter(({ origin }) => origin !== "landing");
  return new Set([
    ...claimed.flatMap(({ session }) => session ?? []),
    ...held.map(({ session }) => session),
  ]);
}

const looked = 5_000;

async function lastEvents({ skein }: OpenProject): Promise<readonly Event[]> {
  return skein.store.read(async (reader) => {
    const head = await skein.events.head(reader);
    const archived = await skein.events.archivedTo(reader);
    return skein.events.after(reader, Math.max(archived.seq, head.seq - looked), looked);
  });
}

function examineOverrides(log: readonly Event[]): readonly Finding[] {
  const count = log.filter(({ kind }) => kind === "guard.overridden").length;
  return count === 0
    ? []
    : [
        trouble("note", "guard-overruled", {
          what: `People committed or pushed ${count === 1 ? "once" : `${String(count)} times`} what the guard objected to.`,
          why: "An edit outside of its holder's hands may be lost or overwritten.",
          fix: "skein events --kind guard",
        }),
      ];
}

/** Work that was handed in without a commit cannot be proven and never lands. */
async function examineAdoption({ skein }: OpenProject): Promise<readonly Finding[]> {
  const tasks = await skein.store.read((reader) =>
    skein.plans.listTasks(reader, { status: "submitted", limit: 1_000 }),
  );
  const bare = tasks.filter(({ commit, verify }) => commit === null && verify !== "none");
  const [first] = bare;
  return first === undefined
    ? []
    : [
        trouble("warn", "no-commit", {
          what: `${counted(bare.length, "task")} ${bare.length === 1 ? "was" : "were"} submitted without a commit, as ${first.plan}/${first.id}.`,
          why: "Without one nothing can be integrated, so what depends on them waits for ever.",
          fix: `Queue it again, for whoever takes it to name the commit: skein task cancel ${first.plan}/${first.id}, then skein task retry ${first.plan}/${first.id}.`,
        }),
      ];
}
