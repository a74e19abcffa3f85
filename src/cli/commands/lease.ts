import { isAllowed } from "../../core/access/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { dispatchErrors, findSession } from "../../core/dispatch/index.ts";
import type { Caller } from "../../core/dispatch/index.ts";
import { clockText, heldText, patternText } from "../../core/leases/index.ts";
import type { Lease } from "../../core/leases/index.ts";
import type { SessionId } from "../../core/base/ids.ts";
import type { Session } from "../../core/sessions/index.ts";
import type { StoredProject } from "../project.ts";
import type { Answer, Call } from "../command.ts";
import { needReason, needYes } from "../asking.ts";
import { cliErrors } from "../errors.ts";
import { callerOf, makingStore, personCaller, whoCalls, withStore } from "../project.ts";
import { rootPatterns } from "../paths.ts";
import { tableLines } from "../output.ts";
import { findLiving } from "../sessions.ts";
import { clip, leaseData, refusalData } from "../views.ts";

/** `skein lease list`. */
export async function listLeases(call: Call): Promise<Answer> {
  return withStore(call, async ({ skein }) => {
    const named = call.options.text("session");
    const session = named === null ? null : await findLiving(skein, named);
    const leases = await skein.store.read((reader) =>
      skein.leases.list(reader, {
        session: session?.id,
        plan: call.options.text("plan") ?? undefined,
      }),
    );
    return {
      data: { leases: leases.map(leaseData) },
      lines:
        leases.length === 0
          ? ["No leases."]
          : tableLines(["LEASE", "BY", "UNTIL", "MODE", "FOR", "PATHS"], leases.map(rowOf)),
    };
  });
}

function rowOf({
  id,
  session,
  untilMs,
  origin,
  mode,
  task,
  plan,
  patterns,
}: Lease): readonly string[] {
  const until = untilMs === null ? "landing" : clockText(untilMs);
  const work = task === null ? origin : `${plan ?? ""}/${task}`;
  return [
    id,
    session,
    origin === "landing" || untilMs !== null ? until : "waits",
    mode,
    work,
    clip(patterns.map(patternText).join(", "), 80),
  ];
}

/** `skein lease take PATH...`: a person holds paths under a session of their own. */
export async function takeLease(call: Call): Promise<Answer> {
  return makingStore(call, async (project) => {
    const paths = rootPatterns(call.args, call.io.cwd, project.repository);
    for (const path of paths) {
      project.skein.parsePath(path);
    }
    const minutes = minutesOf(call);
    const outcome = await project.skein.dispatch.claimFiles({
      caller: holder(call, project),
      paths,
      mode: call.options.text("mode") === "shared" ? "shared" : "exclusive",
      durationMs: minutes === null ? null : minutes * 60_000,
      reason: call.options.text("reason") ?? "",
      waitMs: (call.options.number("wait") ?? 0) * 1_000,
      origin: "files",
      key: null,
      signal: call.io.signal,
    });
    if (!outcome.granted) {
      const nowMs = await project.skein.store.read(async (reader) => reader.nowMs);
      throw new SkeinError(cliErrors.held, {
        message: `${outcome.refused.map((refusal) => heldText(refusal, nowMs)).join("; ")}.`,
        facts: { refused: outcome.refused.map(refusalData) },
      });
    }
    return {
      data: { session: outcome.standing.session.id, leases: outcome.leases.map(leaseData) },
      lines: outcome.leases.map(grantedLine),
    };
  });
}

/** The most minutes for which a person holds paths: longer silence ends anybody's session. */
const longestForPeople = 30;

function minutesOf({ io, options }: Call): number | null {
  const minutes = options.number("minutes");
  if (minutes !== null && minutes > longestForPeople && callerOf(io) === null) {
    throw new SkeinError(cliErrors.badValue, {
      message: `A person holds paths for at most ${String(longestForPeople)} minutes after their last command.`,
      fix: `Take them for ${String(longestForPeople)} minutes, and again before these are over.`,
      facts: { option: "--minutes", value: minutes },
    });
  }
  return minutes;
}

function grantedLine({ id, patterns, untilMs, fence }: Lease): string {
  const until = untilMs === null ? "" : ` until ${clockText(untilMs)}`;
  return `${id} holds ${patterns.map(patternText).join(", ")}${until} under fence ${String(fence)}.`;
}

function holder(call: Call, project: StoredProject): Caller {
  return callerOf(call.io) ?? personCaller(project, call.io);
}

/** `skein lease release [LEASE...]`: one's own; with `--force` also others'. */
export async function releaseLease(call: Call): Promise<Answer> {
  return withStore(call, async (project) => {
    if (call.options.flag("force")) {
      return forceRelease(call, project);
    }
    const caller = holder(call, project);
    const { skein } = project;
    const session = await skein.store.read((reader) => findSession(skein.sessions, reader, caller));
    const own =
      session === null
        ? []
        : await skein.store.read((reader) => skein.leases.list(reader, { session: session.id }));
    await checkOwn(call, project, { session, own });
    if (call.options.flag("dryRun") || session === null) {
      const meant = own.filter(({ id }) => call.args.length === 0 || call.args.includes(id));
      return released(meant, call.options.flag("dryRun"));
    }
    const outcome = await skein.dispatch.releaseFiles({ caller, leases: call.args, key: null });
    return released(outcome.released, false);
  });
}

/** A lease id that is not one's own is an error, never silence. */
async function checkOwn(
  call: Call,
  { skein }: StoredProject,
  { session, own }: { readonly session: Session | null; readonly own: readonly Lease[] },
): Promise<void> {
  for (const id of call.args.filter((word) => /^L\d+$/u.test(word))) {
    const lease = await skein.store.read((reader) => skein.leases.get(reader, id));
    if (lease === null || lease.releasedAtMs !== null) {
      throw noLease(id);
    }
    if (!own.some((each) => each.id === id)) {
      throw new SkeinError(cliErrors.held, {
        message: `${id} belongs to ${lease.session}.`,
        fix: (await mayForce(call, skein, { session, of: lease.session }))
          ? "Add `--force --reason TEXT` to end it all the same."
          : `Ask ${lease.session} with send_message, or a person to run \`skein lease release ${id} --force --reason TEXT\`.`,
        facts: { lease: id, holder: lease.session },
      });
    }
  }
}

/** Whether the caller may end a lease of another: a person, and a session above the holder; over a server who has the role for it. */
async function mayForce(
  { io }: Call,
  { store, sessions }: StoredProject["skein"],
  { session, of }: { readonly session: Session | null; readonly of: SessionId },
): Promise<boolean> {
  const principal = io.within?.principal ?? null;
  if (principal !== null && !isAllowed(principal, "command:lease release --force")) {
    return false;
  }
  if (callerOf(io) === null) {
    return true;
  }
  const held = await store.read(async (reader) => sessions.get(reader, of));
  return session !== null && held?.ancestors.includes(session.id) === true;
}

function noLease(id: string): SkeinError {
  return new SkeinError(dispatchErrors.lease, {
    message: `There is no live lease ${JSON.stringify(id)}.`,
    facts: { lease: id },
  });
}

function released(leases: readonly Lease[], isDryRun: boolean): Answer {
  const ids = leases.map(({ id }) => id);
  const said = ids.length === 0 ? "nothing" : ids.join(", ");
  return {
    data: { dry_run: isDryRun, released: leases.map(leaseData) },
    lines: [isDryRun ? `Would release ${said}. Nothing was changed.` : `Released ${said}.`],
  };
}

async function forceRelease(call: Call, project: StoredProject): Promise<Answer> {
  if (call.args.length === 0) {
    throw new SkeinError(cliErrors.missingArgument, {
      message: "`--force` needs the ids of leases.",
      fix: "Run `skein lease list` and name them, as L12.",
    });
  }
  const { skein } = project;
  const leases: Lease[] = [];
  for (const id of call.args) {
    const lease = await skein.store.read((reader) => skein.leases.get(reader, id));
    if (lease === null || lease.releasedAtMs !== null) {
      throw noLease(id);
    }
    leases.push(lease);
  }
  if (call.options.flag("dryRun")) {
    return released(leases, true);
  }
  const reason = await needReason(call);
  await needYes(call, `End ${call.args.join(", ")} although others hold them?`);
  const { session, person } = await whoCalls(call, project);
  const ended: Lease[] = [];
  for (const { id } of leases) {
    ended.push(await skein.dispatch.forceRelease({ target: id, by: session, person, reason }));
  }
  return released(ended, false);
}
