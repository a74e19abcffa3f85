/** What the documents of `--json` are made of. */
import { z } from "zod";

export const time = z.iso.datetime();
export const text = z.string();
export const list = z.array(text);
export const whole = z.int();
export const orNull = <T extends z.ZodType>(type: T): z.ZodNullable<T> => z.nullable(type);

export const task = z.object({
  id: text,
  plan: text,
  title: text,
  status: z.enum(["pending", "claimed", "submitted", "done", "failed", "blocked", "canceled"]),
  is_container: z.boolean(),
  priority: z.enum(["critical", "high", "medium", "low"]),
  minutes: z.number(),
  files: list,
  depends_on: list,
  skills: list,
  parent: orNull(text),
  unmet: whole,
  attempts: whole,
  session: orNull(text),
  fence: orNull(whole),
  percent: orNull(z.number()),
  note: orNull(text),
  summary: orNull(text),
  commit: orNull(text),
  integrated_commit: orNull(text),
  reason: orNull(text),
  cause: orNull(text),
  needs_person: z.boolean(),
  branch: orNull(text),
  assigned_to: orNull(text),
  not_before: orNull(time),
  claimed_at: orNull(time),
  spent_usd: z.number(),
});

export const attempt = z.object({
  number: whole,
  session: text,
  fence: whole,
  started_at: time,
  ended_at: orNull(time),
  outcome: orNull(text),
  cause: orNull(text),
  summary: orNull(text),
  commit: orNull(text),
  spent_usd: z.number(),
});

export const counts = z.object(
  Object.fromEntries(
    ["ready", "waiting", "claimed", "submitted", "done", "failed", "blocked", "canceled"].map(
      (state) => [state, whole],
    ),
  ),
);

export const plan = z.object({
  id: text,
  title: text,
  status: z.enum(["active", "paused", "canceled", "finished"]),
  verify: text,
  budget_usd: orNull(z.number()),
  pause_reason: orNull(text),
  proposed_by: text,
  created_at: time,
  version: whole,
});

export const lease = z.object({
  id: text,
  session: text,
  task: orNull(text),
  patterns: list,
  mode: z.enum(["exclusive", "shared"]),
  origin: z.enum(["claim", "files", "edit", "landing"]),
  reason: text,
  branch: orNull(text),
  fence: whole,
  from: time,
  until: orNull(time),
  released_at: orNull(time),
  release_reason: orNull(text),
});

export const session = z.object({
  id: text,
  name: text,
  role: text,
  tier: z.enum(["lead", "manager", "worker", "sub"]),
  state: z.enum(["busy", "idle", "waiting", "stale", "dead"]),
  parent: orNull(text),
  skills: list,
  client: orNull(text),
  branch: orNull(text),
  pid: orNull(whole),
  joined_at: time,
  renewed_at: time,
  ended_at: orNull(time),
  end_reason: orNull(text),
});

export const message = z.object({
  id: text,
  from: orNull(text),
  from_name: text,
  to: text,
  thread: text,
  text,
  sent_at: time,
  expires_at: orNull(time),
});

export const question = z.object({
  id: text,
  session: text,
  task: orNull(text),
  question: text,
  options: list,
  state: z.enum(["open", "answered", "expired", "withdrawn"]),
  asked_at: time,
  deadline: time,
  answer: orNull(text),
  answered_by: orNull(text),
  answered_at: orNull(time),
});

export const event = z.object({
  seq: whole,
  at: time,
  kind: text,
  actor: text,
  cause: orNull(whole),
  data: z.record(text, z.unknown()),
  changes: z.array(z.object({ entity: text, id: text, set: z.record(text, z.unknown()) })),
  by: z
    .object({ principal: text, name: text, action: text })
    .optional()
    .describe("Who asked a server for it; left out where it was done on the store itself."),
  prev_hash: text,
  hash: text,
});

/** What came of one submitted task. */
export const landing = z.object({
  task: text,
  status: text,
  result: z.enum([
    "integrated",
    "already",
    "conflict",
    "out-of-scope",
    "check-failed",
    "retry",
    "skipped",
  ]),
  commit: text.optional(),
  files: list.optional(),
  detail: text.optional(),
  check: text.optional(),
  exit_code: orNull(whole).optional(),
  output: text.optional(),
});

export const entry = z.object({
  code: z.string().regex(/^SKN-\d{4}$/u),
  kind: text,
  exit_code: whole,
  title: text,
  cause: text,
  fix: text,
});

export function document<T extends z.ZodRawShape>(
  shape: T,
): z.ZodObject<T & { schema_version: z.ZodLiteral<1> }> {
  return z.object({ schema_version: z.literal(1), ...shape });
}
