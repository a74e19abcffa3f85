/** What `--json` prints, as zod says it: the published schema is made from it, and tests hold real output to it. */
import { z } from "zod";

import { actDocuments } from "./cli-schema-acts.ts";
import { accessDocuments } from "./cli-schema-access.ts";
import {
  attempt,
  counts,
  document,
  entry,
  event,
  landing,
  lease,
  list,
  message,
  orNull,
  plan,
  question,
  session,
  task,
  text,
  time,
  whole,
} from "./cli-schema-parts.ts";
import { rulesDocuments } from "./cli-schema-rules.ts";
import { setUpDocuments } from "./cli-schema-set-up.ts";
import { storeDocuments } from "./cli-schema-store.ts";
import { costShape, kpiShape, metricsShape } from "./figures-schema.ts";

const imported = {
  uses: whole,
  usd: z.number(),
  reported_before_usd: z.number(),
  faults: whole,
};

const draftTask = z.object({
  id: text,
  title: text,
  parent: orNull(text),
  outcome: text,
  operations: z.array(
    z.object({
      path: text,
      action: z.enum(["create", "edit", "delete"]),
      start_line: orNull(whole),
      end_line: orNull(whole),
      form: z.enum(["intent", "diff"]),
      text,
    }),
  ),
  files: list,
  new_files: list,
  accept: list,
  validate: list,
  size: z.enum(["XS", "S", "M", "L", "XL"]),
  minutes: whole,
  input_tokens: whole,
  output_tokens: whole,
  usd: orNull(z.number()),
  depends_on: list,
  skills: list,
  priority: z.enum(["critical", "high", "medium", "low"]),
  is_done: z.boolean(),
});

const board = {
  at: time,
  last_event: whole,
  needs_person: z.array(z.object({ text, next: text })),
  plans: z.array(plan.extend({ counts })),
  sessions: z.array(session),
  claims: z.array(task),
  submitted: z.array(task),
  leases: whole,
  leases_ending_soon: z.array(lease),
  waiting: z.array(z.object({ task: text, why: text })),
  questions: z.array(question),
  spent_usd: z.number(),
  budgets: z.array(
    z.object({
      scope: text,
      limit_usd: z.number(),
      hard: z.boolean(),
      reserved_usd: z.number(),
      spent_usd: z.number(),
    }),
  ),
};

const weights = z.array(
  z.object({ model: text, category: text, right: whole, wrong: whole, factor: z.number() }),
);

/** What taking a plan in does to its tasks. */
const takenIn = {
  is_new: z.boolean(),
  created: list,
  updated: list,
  unchanged: list,
  canceled: list,
  kept: list,
  deferred: list,
};

/** The documents, by command. Programs accept fields that are not named here: later versions may add some. */
export const documents: Readonly<Record<string, z.ZodObject>> = {
  error: document({
    error: z.object({
      code: z.string().regex(/^SKN-\d{4}$/u),
      kind: text,
      message: text,
      cause: text,
      fix: text,
      facts: z.record(text, z.unknown()),
      retry_after_ms: orNull(z.number()),
    }),
  }),
  "plan list": document({ plans: z.array(plan.extend({ counts })) }),
  "plan show": document({
    plan,
    counts,
    most_at_once: orNull(z.object({ most: whole, because: text })),
    tasks: z.array(task),
  }),
  "plan import": document({
    plan: text,
    dry_run: z.boolean(),
    is_changed: z.boolean(),
    ...takenIn,
    overlaps: z.array(z.object({ tasks: list, files: list })),
    overlaps_complete: z.boolean(),
    warnings: list,
  }),
  "plan approve": document({ hash: text, plan: text, is_again: z.boolean(), ...takenIn }),
  "plan draft": document({
    schema_version: z.literal(1),
    hash: text,
    plan: text,
    title: text,
    origin: z.enum(["reader", "model"]),
    split: z.boolean(),
    reason: text,
    source: z.object({
      kind: z.enum(["goal", "issue", "spec"]),
      file: orNull(text),
      sha256: text,
    }),
    base: orNull(text),
    tasks: z.array(draftTask),
    critical_path: list,
    critical_minutes: whole,
    parallel_width: whole,
    estimate: z.object({
      minutes: whole,
      input_tokens: whole,
      output_tokens: whole,
      usd: orNull(z.number()),
      usual_tokens: whole,
    }),
    collisions: z.array(
      z.object({ task: text, path: text, lease: text, held: text, session: text }),
    ),
    would_import: z.object(takenIn),
    notes: list,
    repairs: whole,
    planners: whole,
    cost: z.object({
      usd: z.number(),
      calls: whole,
      input_tokens: whole,
      output_tokens: whole,
    }),
  }),
  "task list": document({ tasks: z.array(task) }),
  "task show": document({
    task: task.extend({ spec: text, accept: list, feedback: orNull(text) }),
    attempts: z.array(attempt),
  }),
  "task why": document({
    task: text,
    status: text,
    is_ready: z.boolean(),
    score: z.number(),
    reasons: z.array(z.object({ code: text, text, next: orNull(text) })),
  }),
  "lease list": document({ leases: z.array(lease) }),
  "lease take": document({ session: text, leases: z.array(lease) }),
  "lease check": document({
    paths: z.array(
      z.looseObject({ path: text, verdict: z.enum(["free", "own", "covered", "foreign"]) }),
    ),
  }),
  "session list": document({ sessions: z.array(session) }),
  "message send": document({
    message,
    recipients: whole,
    at_next_call: whole,
    when_woken: whole,
  }),
  "message list": document({ messages: z.array(message) }),
  "review list": document({
    reviews: z.array(
      z.object({
        id: text,
        subject: text,
        preset: text,
        state: z.enum(["running", "finished"]),
        verdict: z.enum(["pass", "changes", "incomplete"]).nullable(),
        findings: whole,
        cost_usd: z.number(),
        started_at: text,
        finished_at: text.nullable(),
      }),
    ),
  }),
  "review --estimate": document({
    worst_usd: z.number(),
    room_usd: orNull(z.number()),
    room_budget: z.string().nullable().describe("The tightest one; null: no limit."),
    is_enough: z.boolean(),
    seats: z.array(z.object({ seat: whole, model: text, family: text, asked: z.boolean() })),
    candidates: whole,
    skipped: z.array(z.object({ path: text, reason: text })),
    notes: list,
  }),
  "review outcome": document({
    review: text,
    finding: text,
    outcome: z.enum(["resolved", "dismissed"]),
    title: text,
  }),
  "models check": document({
    models: z.array(
      z.object({
        model: text,
        provider: text,
        id: text,
        family: text,
        size: z.enum(["large", "medium", "small"]),
        ok: z.boolean(),
        latency_ms: whole,
        tier: orNull(text),
        requests_limit: orNull(whole),
        price_known: z.boolean(),
        error: orNull(z.object({ code: text, message: text, fix: text })),
      }),
    ),
    notes: list,
  }),
  "review weights": document({ weights }),
  "review weights --dry-run": document({ dry_run: z.literal(true), weights }),
  ...actDocuments,
  ...setUpDocuments,
  ...rulesDocuments,
  ...accessDocuments,
  ...storeDocuments,
  approve: document({ questions: z.array(question) }),
  events: document({ events: z.array(event), next_since: whole }),
  "events --follow": document(event.shape),
  "events --why": document({ events: z.array(event), archived_cause: orNull(whole) }),
  "events --at": document({
    seq: whole,
    at: orNull(time),
    state: z.record(text, z.record(text, z.unknown())).describe("By kind, then by id."),
  }),
  status: document(board),
  top: document(board),
  verify: document({
    clean: z.boolean(),
    events: whole,
    violations: z.array(z.object({ invariant: whole, text, facts: z.record(text, z.unknown()) })),
  }),
  integrate: document({ landings: z.array(landing) }),
  maintain: document({
    expired: whole,
    settled_calls: whole,
    pruned_metrics: whole,
    archived_plans: whole,
    archived_tasks: whole,
    archived_events: whole,
    archives: list,
    pruned_sessions: whole,
    pruned_leases: whole,
    pruned_messages: whole,
    pruned_approvals: whole,
    pruned_reservations: whole,
    pruned_reviews: whole,
    pruned_tokens: whole,
    pruned_answers: whole,
    anchored: orNull(z.enum(["anchored", "exists", "unchanged"])),
    backup: orNull(text),
    tidied: z.boolean(),
  }),
  kpi: document(kpiShape),
  metrics: document(metricsShape),
  cost: document(costShape),
  "usage import": document({
    ...imported,
    files: whole,
    imported: z.array(z.object({ file: text, host: text, ...imported })),
  }),
  explain: document({ errors: z.array(entry) }),
  "explain CODE": document({ error: entry }),
  bench: document({
    machine: z.object({
      cpu: text,
      cores: whole,
      memory_mb: whole,
      node: text,
      sqlite: text,
      platform: text,
    }),
    rates: z.array(
      z.object({
        what: text,
        count: whole,
        per_second: whole,
        p50_ms: z.number(),
        p99_ms: z.number(),
        worst_ms: z.number(),
      }),
    ),
    rss_mb: whole,
  }),
  doctor: document({
    healthy: z.boolean(),
    fails: whole,
    warns: whole,
    findings: z.array(
      z.object({
        id: text,
        level: z.enum(["fail", "warn", "note", "ok"]),
        what: text,
        why: text,
        fix: text,
        also: list.describe("Further faults of the same kind."),
        can_fix: z.boolean(),
        docs: text,
      }),
    ),
  }),
};

/** What other published schemas describe, by command. */
export const describedElsewhere: Readonly<Record<string, string>> = {
  review: "review.schema.json",
  "review show": "review.schema.json",
  "review retally": "review.schema.json",
  "plan export --format json": "plan.schema.json",
};

/** Commands that speak with a program in its own words, with `--json` or without. */
export const speakOtherwise: readonly string[] = ["mcp", "hook", "guard", "complete"];

/** `schema/cli.schema.json`: one definition a document, under the command's words. */
export function cliJsonSchema(): string {
  const own = Object.entries(documents).map(([name, type]): readonly [string, object] => {
    const { $schema: _, ...schema } = z.toJSONSchema(type, { io: "input" });
    return [name, schema];
  });
  const elsewhere = Object.entries(describedElsewhere).map(
    ([name, file]): readonly [string, object] => [name, { $ref: file }],
  );
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "What `skein ... --json` prints",
    description: "Under $defs, by command. A failure prints `error` to standard error.",
    $defs: Object.fromEntries([...own, ...elsewhere]),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
