import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { git, must, skein } from "./ground.ts";
import type { Done, Place } from "./ground.ts";
import type { Host } from "./host.ts";

/** What a run left behind. */
export interface Run {
  readonly host: Host;
  readonly place: Place;
  /** What the model was told, turn by turn. */
  readonly requests: readonly string[];
  /** The host's exit code. */
  readonly code: number;
}

export interface Check {
  readonly name: string;
  readonly isGood: boolean;
  /** For the person who looks into a failure. */
  readonly seen: string;
}

const exported = z.object({
  sessions: z.array(z.looseObject({ id: z.string(), name: z.string().nullable() })),
  tasks: z.array(
    z.looseObject({
      id: z.string(),
      status: z.string(),
      attempts: z.array(z.looseObject({ session: z.string(), outcome: z.string().nullable() })),
    }),
  ),
  leases: z.array(
    z.looseObject({
      session: z.string(),
      patterns: z.array(z.unknown()),
      task: z.string().nullable(),
    }),
  ),
});

/** What was found after a run. */
interface Findings extends Run {
  readonly state: z.infer<typeof exported>;
  /** The outcome of the integration, which is tried first. */
  readonly landing: Done;
  /** The messages of all commits on main. */
  readonly log: string;
  /** What a turn's request tells that the one before did not. */
  readonly told: (turn: number) => string;
}

/** Lands the work, then looks at the ledger, the worktree, the commits and what the model was told. */
export function checksOf(run: Run): readonly Check[] {
  const { host, place, requests, code } = run;
  const landing = skein(place, place.main, "integrate", "--branch", "main", "--json");
  const findings: Findings = {
    ...run,
    landing,
    state: exported.parse(JSON.parse(must(skein(place, place.main, "export", "-")))),
    log: git(place, place.main, "log", "--format=%B", "main").output,
    told: (turn) => tellsOf(requests, turn),
  };
  const turns = host.holdsBack ? 13 : 12;
  const verified = skein(place, place.main, "verify");
  return [
    check("the program ends well", code === 0, code),
    check("the turns are those of the story", requests.length === turns, requests.length),
    ...hookChecks(findings),
    ...(host.runsGitHooks ? guardedChecks(findings) : unguardedChecks(findings)),
    check("skein verify finds nothing wrong", verified.code === 0, verified.output),
  ];
}

function hookChecks({ host, place, state, told }: Findings): readonly Check[] {
  const foreign = readFileSync(join(place.worktree, "src/b.ts"), "utf8");
  const own = readFileSync(join(place.worktree, "src/a.ts"), "utf8");
  const agents = state.sessions.filter(({ name }) => name !== "grace");
  const byEdit = state.leases.filter(({ session }) => session === agents[0]?.id);
  const isBriefed = /Held by others/u.test(told(0)) && /grace/u.test(told(0));
  const isDenied = /grace/u.test(told(3)) && !foreign.includes("b = 2");
  const isReported = /grace/u.test(told(4));
  const isLeased = byEdit.some(({ patterns }) => JSON.stringify(patterns).includes("notes.md"));
  return [
    ...(host.briefs ? [check("the hook at the start briefs the model", isBriefed, told(0))] : []),
    check("next_task gives T1", /hosts\/T1|"T1/u.test(told(1)), told(1)),
    check("the edit of its own file goes through", own.includes("a = 2"), told(2)),
    check("the edit of a foreign file is denied and its holder named", isDenied, told(3)),
    check("a foreign file that the shell wrote is reported", isReported, told(4)),
    check("a free file is leased by its edit", isLeased, state.leases),
    ...(host.holdsBack
      ? [
          check(
            "the hook at the end holds it back while T2 is open",
            /T2/u.test(told(10)),
            told(10),
          ),
        ]
      : []),
    check("hooks, tools and guard see one session", agents.length === 1, state.sessions),
  ];
}

function guardedChecks({ state, landing, log, told }: Findings): readonly Check[] {
  const isMarked = ["T1", "T2"].every((id) => log.includes(`Skein-Task: hosts/${id}`));
  const isOnce = outcomesOf(state).every((outcome) => outcome === "done: submitted");
  return [
    check("the guard refuses to commit a foreign file", /SKN-4961/u.test(told(5)), told(5)),
    check("the commits name their tasks and fences", isMarked && /Skein-Fence: \d/u.test(log), log),
    check("every task is done, by one attempt", isOnce, outcomesOf(state)),
    check("the work lands on main", landing.code === 0, landing.output),
  ];
}

function unguardedChecks({ state, landing, log }: Findings): readonly Check[] {
  const isSentBack = landing.code === 5 && landing.output.includes("out-of-scope");
  const isOpen = outcomesOf(state).every((outcome) => outcome === "pending: failed");
  return [
    check("what no guard saw is sent back at integration", isSentBack, landing.output),
    check("the tasks wait for their next attempt", isOpen, outcomesOf(state)),
    check("nothing of it is on main", log.trim() === "Begin", log),
  ];
}

function outcomesOf({ tasks }: Findings["state"]): readonly string[] {
  return tasks.map(
    ({ status, attempts }) => `${status}: ${attempts.map(({ outcome }) => outcome).join()}`,
  );
}

/** What a request tells that the one before did not: each holds the whole conversation. */
function tellsOf(requests: readonly string[], turn: number): string {
  const now = requests[turn] ?? "";
  const before = requests[turn - 1] ?? "";
  let same = 0;
  while (same < before.length && before[same] === now[same]) {
    same += 1;
  }
  return now.slice(same);
}

function check(name: string, isGood: boolean, seen: unknown): Check {
  return { name, isGood, seen: typeof seen === "string" ? seen : JSON.stringify(seen) };
}
