import type { JsonObject } from "../../core/base/json.ts";
import { heldText } from "../../core/leases/index.ts";
import type { LeaseVerdict } from "../../core/leases/index.ts";
import type { Answer, Call } from "../command.ts";
import { exitCodes } from "../exit.ts";
import { rootPatterns } from "../paths.ts";
import { callerOf, personCaller, withStore } from "../project.ts";
import { leaseData, refusalData } from "../views.ts";

/** `skein lease check PATH...`: ends with 5 when another session holds one. */
export async function checkPaths(call: Call): Promise<Answer> {
  return withStore(call, async (project) => {
    const { skein, repository } = project;
    const paths = rootPatterns(call.args, call.io.cwd, repository).map((path) =>
      path.replace(/\/$/u, ""),
    );
    const caller = callerOf(call.io) ?? personCaller(project, call.io);
    const session = await skein.dispatch.find(caller);
    const verdicts = await skein.dispatch.check(session, paths);
    const nowMs = await skein.store.read(async (reader) => reader.nowMs);
    const rows = paths.map((path) => ({ path, verdict: verdicts.get(path) ?? free }));
    const isForeign = rows.some(({ verdict }) => verdict.kind === "foreign");
    return {
      data: { paths: rows.map(({ path, verdict }) => ({ path, ...verdictData(verdict) })) },
      lines: rows.map(({ path, verdict }) => verdictLine(path, verdict, nowMs)),
      exitCode: isForeign ? exitCodes.conflict : 0,
    };
  });
}

const free: LeaseVerdict = { kind: "free" };

function verdictData(verdict: LeaseVerdict): JsonObject {
  switch (verdict.kind) {
    case "free":
      return { verdict: "free" };
    case "own":
    case "covered":
      return { verdict: verdict.kind, lease: leaseData(verdict.lease) };
    case "foreign":
      return { verdict: "foreign", ...refusalData(verdict.refusal) };
    default:
      return verdict satisfies never;
  }
}

function verdictLine(path: string, verdict: LeaseVerdict, nowMs: number): string {
  switch (verdict.kind) {
    case "free":
      return `${path} is free`;
    case "own":
      return `${path} is yours (${verdict.lease.id})`;
    case "covered":
      return `${path} is lent to you by ${verdict.lease.session} (${verdict.lease.id})`;
    case "foreign":
      return heldText(verdict.refusal, nowMs);
    default:
      return verdict satisfies never;
  }
}
