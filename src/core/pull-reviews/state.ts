import { z } from "zod";

import type { MicroUsd } from "../base/ids.ts";
import { fitsMarker } from "../hosting/index.ts";
import type { MarkerOptions } from "../hosting/index.ts";
import { categories, severities } from "../review/index.ts";
import type { Finding } from "../review/index.ts";

const sha = z.string().regex(/^[0-9a-f]{40,64}$/u);
const money = z.int().min(0);

export const fingerprintSchema = z.string().regex(/^[0-9a-f]{16,64}$/u);

/** The shape of a finding as it is kept. */
export const keptSchema = z.strictObject({
  fingerprint: fingerprintSchema,
  path: z.string().max(1_000),
  line: z.int().min(0),
  severity: z.enum(severities),
  category: z.enum(categories),
  title: z.string().max(200),
  /** The longest quoted line. */
  quoted: z.string().max(300),
  state: z.enum(["new", "open", "declined"]),
  /** Advice is no more than that at later heads either. A state from before this was kept has confirmed findings alone. */
  decision: z.enum(["published", "advisory", "single-family"]).default("published"),
});

const openRun = z.strictObject({ id: z.string().max(64), head: sha, micro_usd: money });

/** So many findings are kept at most. */
const mostFindings = 500;

/** So many hand-overs are known again. */
const mostHandovers = 20;

const stateSchema = z.strictObject({
  version: z.literal(1),
  spent_micro_usd: money,
  /** Begun and never settled: the process died, or was stopped. */
  open_runs: z.array(openRun).max(50).readonly(),
  /** The last heads that were reviewed, the newest last, with the branch that they go into and the commit where it stood. */
  reviewed: z
    .array(z.strictObject({ base: sha, head: sha, into: z.string().max(255) }))
    .max(20)
    .readonly(),
  findings: z.array(keptSchema).max(mostFindings).readonly(),
  is_paused: z.boolean(),
  /** What other processes handed over and was published here, the newest last. A state from before this was kept has none. */
  handovers: z.array(z.string().max(64)).max(mostHandovers).readonly().default([]),
});

/** What Skein keeps of a pull request between two runs, in its own comment there. */
export type PullState = z.infer<typeof stateSchema>;

/** A finding as it is kept: enough to know it again. Its texts are a model's. */
export type KeptFinding = z.infer<typeof keptSchema>;

export const freshState: PullState = {
  version: 1,
  spent_micro_usd: 0,
  open_runs: [],
  reviewed: [],
  findings: [],
  is_paused: false,
  handovers: [],
};

/** Reads a kept state; null when it is none. */
export function parseState(value: unknown): PullState | null {
  const parsed = stateSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}

/** What the pull request has cost, runs of unknown end at their whole budget. */
export function spentOf({ spent_micro_usd: spent, open_runs: open }: PullState): MicroUsd {
  return open.reduce((sum, run) => sum + run.micro_usd, spent);
}

/** A state without what is set aside for one run. */
export function besides(state: PullState, run: string | null): PullState {
  return { ...state, open_runs: state.open_runs.filter(({ id }) => id !== run) };
}

/** Sets a run's whole budget aside before it costs anything. */
export function withRun(state: PullState, run: z.infer<typeof openRun>): PullState {
  // More unsettled runs than that are added up: money is never forgotten.
  const [oldest, ...rest] = state.open_runs;
  const isFull = state.open_runs.length >= 50 && oldest !== undefined;
  return {
    ...state,
    spent_micro_usd: state.spent_micro_usd + (isFull ? oldest.micro_usd : 0),
    open_runs: [...(isFull ? rest : state.open_runs), run],
  };
}

/** Puts what a run has really cost in place of what was set aside. */
export function withoutRun(state: PullState, id: string, cost: MicroUsd): PullState {
  return {
    ...state,
    spent_micro_usd: state.spent_micro_usd + cost,
    open_runs: state.open_runs.filter((run) => run.id !== id),
  };
}

/** True for a hand-over that was published here. */
export function wasPublished({ handovers }: PullState, handover: string | null): boolean {
  return handover !== null && handovers.includes(handover);
}

/** Keeps that a hand-over was published; null: there was none. */
export function withHandover(state: PullState, handover: string | null): PullState {
  return handover === null
    ? state
    : { ...state, handovers: [...state.handovers, handover].slice(-mostHandovers) };
}

/** Keeps that a head was reviewed, and what was found. */
export function withReview(
  state: PullState,
  review: {
    readonly base: string;
    readonly into: string;
    readonly head: string;
    readonly findings: readonly KeptFinding[];
  },
): PullState {
  const { base, into, head, findings } = review;
  const others = state.reviewed.filter((each) => each.head !== head);
  return {
    ...state,
    reviewed: [...others, { base, into, head }].slice(-20),
    findings,
  };
}

/** Drops the mildest findings until the state fits its comment and is read again. Declined ones go last: they would be posted again. */
export function fitted(state: PullState, options: MarkerOptions): PullState {
  const order = state.findings.toSorted((one, other) => rankOf(one) - rankOf(other));
  let count = Math.min(order.length, mostFindings);
  while (count > 0 && !fitsMarker({ ...state, findings: order.slice(0, count) }, options)) {
    count = Math.floor(count * 0.9);
  }
  return { ...state, findings: order.slice(0, count) };
}

function rankOf({ state, severity }: KeptFinding): number {
  return state === "declined" ? -1 : severities.indexOf(severity);
}

/** The part of a finding that is kept. */
export function keptOf(finding: Finding): KeptFinding {
  const { fingerprint, path, line, severity, category, title, state, decision } = finding;
  // What voters corrected is shown; what it is known by over pushes is as it was proposed.
  const { quoted } = finding.original ?? finding;
  return {
    fingerprint,
    path: cut(path, 1_000),
    line,
    severity,
    category,
    title: cut(title, 120),
    quoted: cut(longestLine(quoted), 200),
    state: state === "fixed" ? "open" : state,
    decision: decision === "advisory" || decision === "single-family" ? decision : "published",
  };
}

/** A kept finding as a review takes it up again. */
export function findingOf(kept: KeptFinding): Finding {
  return {
    ...kept,
    id: "",
    endLine: kept.line,
    body: "",
    placement: "file",
    support: null,
    threshold: null,
    ballots: [],
    proposers: [],
    places: [],
  };
}

function longestLine(text: string): string {
  return text
    .split(/\r?\n/u)
    .map((line) => line.trim())
    .reduce((best, line) => (line.length > best.length ? line : best), "");
}

function cut(text: string, maxChars: number): string {
  return Array.from(text).slice(0, maxChars).join("").slice(0, maxChars);
}
