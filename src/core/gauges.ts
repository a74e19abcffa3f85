import type { Costs, Totals } from "./costs/index.ts";
import { isCurrentScope } from "./costs/index.ts";
import type { Approvals } from "./approvals/index.ts";
import type { Events } from "./events/index.ts";
import type { Leases } from "./leases/index.ts";
import { gauge } from "./metrics/index.ts";
import type { Family, FamilyValue, Labels, ProcessFigures } from "./metrics/index.ts";
import type { Plans } from "./plans/index.ts";
import { deriveState } from "./sessions/index.ts";
import type { Session, SessionState, Sessions } from "./sessions/index.ts";
import type { Reader } from "./store/index.ts";

/** Where the state of a project is told from. */
export interface GaugeParts {
  readonly plans: Plans;
  readonly sessions: Sessions;
  readonly leases: Leases;
  readonly approvals: Approvals;
  readonly costs: Costs;
  readonly events: Events;
}

/** One project's state as it is told to Prometheus. Every node that serves a project tells the same. */
export async function readGauges(parts: GaugeParts, reader: Reader): Promise<readonly Family[]> {
  const { plans, leases, approvals, events } = parts;
  const [head, archived] = [await events.head(reader), await events.archivedTo(reader)];
  const held = await leases.list(reader);
  const questions = await approvals.open(reader);
  return [
    ...(await taskGauges(parts, reader)),
    ...(await sessionGauges(parts, reader)),
    gauge("skein_leases", "Living path leases.", held.length),
    gauge("skein_questions_open", "Questions that wait for a person.", questions.length),
    {
      name: "skein_plans",
      type: "gauge",
      help: "Plans by status.",
      values: countBy((await plans.listPlans(reader)).map(({ status }) => status)),
    },
    {
      ...gauge("skein_events_total", "Events in the log since it began.", head.seq),
      type: "counter",
    },
    gauge(
      "skein_live_events",
      "Events in the live log, what was archived aside.",
      head.seq - archived.seq,
    ),
    ...(await costGauges(parts, reader)),
  ];
}

const statuses = [
  "ready",
  "waiting",
  "claimed",
  "submitted",
  "done",
  "failed",
  "blocked",
  "canceled",
] as const;

async function taskGauges({ plans }: GaugeParts, reader: Reader): Promise<readonly Family[]> {
  const counts = await plans.counts(reader, null);
  const since = await plans.oldestReadyMs(reader);
  const failed = await plans.listTasks(reader, { status: "failed" });
  const dead = failed.filter(({ isDeadLetter }) => isDeadLetter).length;
  const ageMs = since === null ? 0 : Math.max(0, reader.nowMs - since);
  return [
    {
      name: "skein_tasks",
      type: "gauge",
      help: "Tasks by status; `ready` waits for nothing but an agent.",
      values: statuses.map((status) => ({ labels: { status }, value: counts[status] })),
    },
    gauge(
      "skein_queue_age_seconds",
      "How long the oldest ready task has been ready; 0 without one.",
      ageMs / 1_000,
    ),
    gauge("skein_dead_letters", "Failed tasks whose retries are used up (at most 1,000).", dead),
  ];
}

/** A claim that was renewed this long ago should be back in the queue: twice the longest a quiet session keeps it. */
const stuckMs = 2 * 30 * 60_000;

async function sessionGauges(
  { sessions, plans }: GaugeParts,
  reader: Reader,
): Promise<readonly Family[]> {
  const living = await sessions.list(reader, "living");
  const claimed = await plans.listTasks(reader, { status: "claimed" });
  const holders = new Set(claimed.flatMap(({ session }) => session ?? []));
  const byId = new Map(living.map((session) => [session.id, session]));
  const stuck = claimed.filter(({ session }) =>
    isStuck(session === null ? undefined : byId.get(session), reader.nowMs),
  );
  const states = living.map((session) => stateOf(session, holders.has(session.id), reader.nowMs));
  return [
    {
      name: "skein_sessions",
      type: "gauge",
      help: "Sessions that have not ended, by state.",
      values: countBy(states, ["busy", "idle", "waiting", "stale", "dead"]),
    },
    gauge(
      "skein_tasks_stuck",
      "Claims whose session has been silent for twice the time that a claim lasts, or is gone (of at most 1,000).",
      stuck.length,
    ),
  ];
}

/** As far as the store tells: whether a process lives is known on its own machine only. */
function stateOf(session: Session, holdsWork: boolean, nowMs: number): SessionState {
  return deriveState(session, { nowMs, self: null, isAlive: null, holdsWork });
}

function isStuck(session: Session | undefined, nowMs: number): boolean {
  if (session === undefined) {
    return true;
  }
  const isInCall = session.callUntilMs !== null && session.callUntilMs > nowMs;
  return !session.isParked && !isInCall && session.renewedAtMs + stuckMs <= nowMs;
}

/** Agents name models as they like: each name is a series that whoever scrapes the server keeps. */
const mostModels = 100;
const otherModels = "(others)";

/** What was spent on the dearest models, each by its name, and on all others together. */
export function spentByModel(spent: readonly SpentOnModel[]): readonly FamilyValue[] {
  const dearest = spent.toSorted((a, b) => b.microUsd - a.microUsd);
  const named = dearest.slice(0, mostModels).filter(({ name }) => name !== otherModels);
  const isNamed = new Set<SpentOnModel>(named);
  const rest = dearest.filter((each) => !isNamed.has(each));
  const restMicroUsd = rest.reduce((sum, { microUsd }) => sum + microUsd, 0);
  const all = rest.length === 0 ? named : [...named, { name: otherModels, microUsd: restMicroUsd }];
  return all.map(({ name, microUsd }) => ({ labels: { model: name }, value: microUsd / 1e6 }));
}

type SpentOnModel = Pick<Totals, "name" | "microUsd">;

async function costGauges({ costs }: GaugeParts, reader: Reader): Promise<readonly Family[]> {
  const budgets = await costs.budgets(reader);
  const spent = await costs.totals(reader, "model");
  return [
    {
      name: "skein_spent_usd_total",
      type: "counter",
      help: `US dollars spent, by model; an empty model was not told, \`${otherModels}\` are those beyond the ${String(mostModels)} dearest.`,
      values: spentByModel(spent),
    },
    {
      name: "skein_budget_remaining_ratio",
      type: "gauge",
      help: "What is left of a budget, from 0 to 1, after what is spent and set aside.",
      values: budgets
        .filter(({ scope }) => /^(?:project$|day:|month:)/u.test(scope))
        .filter(
          ({ scope, limitMicroUsd }) => isCurrentScope(scope, reader.nowMs) && limitMicroUsd > 0,
        )
        .map(({ scope, limitMicroUsd, spentMicroUsd, reservedMicroUsd }) => ({
          labels: { budget: scope.replace(/:.*$/u, "") },
          value: Math.max(0, 1 - (spentMicroUsd + reservedMicroUsd) / limitMicroUsd),
        })),
    },
  ];
}

/** How many writes of this process, and requests beyond the project's share, were refused, by the code of the error. */
export function refusalGauge({ refusals }: ProcessFigures): Family {
  return {
    name: "skein_refusals_total",
    type: "counter",
    help: "Writes and requests beyond a project's share that were refused, by the code of the error (`skein explain CODE`).",
    values: Array.from(refusals, ([code, value]) => ({ labels: { code }, value })),
  };
}

/** The same families of several projects under one name each, with labels that tell the projects apart. */
export function mergeFamilies(
  all: readonly { readonly labels: Labels; readonly families: readonly Family[] }[],
): readonly Family[] {
  const merged = new Map<string, Family>();
  for (const { labels, families } of all) {
    for (const family of families) {
      const values = family.values.map((each) => ({
        ...each,
        labels: { ...each.labels, ...labels },
      }));
      const before = merged.get(family.name);
      merged.set(family.name, { ...family, values: [...(before?.values ?? []), ...values] });
    }
  }
  return [...merged.values()];
}

/** How often each word is there; the known ones also when they are not. */
function countBy(words: readonly string[], known: readonly string[] = []): readonly FamilyValue[] {
  const label = known.length === 0 ? "status" : "state";
  const counts = new Map(known.map((word): [string, number] => [word, 0]));
  for (const word of words) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return Array.from(counts, ([word, value]) => ({ labels: { [label]: word }, value }));
}
