/** What `skein cost`, `skein kpi` and `skein metrics` print with `--json`: a part of `cli-schema.ts`. */
import { z } from "zod";

const time = z.iso.datetime();
const text = z.string();
const whole = z.int();
const orNull = <T extends z.ZodType>(type: T): z.ZodNullable<T> => z.nullable(type);

const figures = {
  count: whole,
  mean: z.number(),
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
  least: z.number(),
  most: z.number(),
};

export const kpiShape = {
  since: time,
  until: time,
  kpis: z.array(
    z.object({
      name: text,
      title: text,
      value: orNull(z.number()),
      unit: z.enum(["seconds", "percent", "bytes"]),
      target: z.object({
        bound: z.enum(["at least", "at most", "from"]),
        value: z.number(),
        to: orNull(z.number()),
      }),
      warn: orNull(z.number()),
      critical: orNull(z.number()),
      state: z.enum(["ok", "warn", "critical", "no-data"]),
      on_target: orNull(z.boolean()),
      samples: whole,
      least_samples: whole,
      from: text,
    }),
  ),
};

export const metricsShape = {
  since: time,
  until: time,
  relative_error: z.number(),
  metrics: z.array(
    z.object({
      name: text,
      labels: z.record(text, text),
      unit: z.enum(["ms", "bytes"]),
      ...figures,
      trend: orNull(z.number()),
      hours: z.array(z.object({ at: time, ...figures })),
    }),
  ),
  history: z.object({
    days: z.array(
      z.object({
        day: text,
        done: whole,
        undone: whole,
        completion: orNull(z.number()),
        attempts: whole,
        retries: whole,
        step_mean_ms: orNull(z.number()),
        step_p95_ms: orNull(z.number()),
        parallel_efficiency: orNull(z.number()),
        model_calls: whole,
        usd: z.number(),
      }),
    ),
    consensus: z.array(z.object({ from: whole, to: whole, findings: whole })),
    cost_by_size: z.array(z.object({ size: text, usd: z.number() })),
    cost_by_tier: z.array(z.object({ tier: orNull(text), usd: z.number() })),
  }),
};

const sum = z.object({
  usd: z.number(),
  retry_usd: z.number(),
  failed_usd: z.number(),
  estimated_usd: z.number(),
  input_tokens: whole,
  output_tokens: whole,
  cache_tokens: whole,
  spends: whole,
});

export const costShape = {
  by: text,
  since: orNull(time),
  total: sum,
  rows: z.array(sum.extend({ name: orNull(text) })),
  budgets: z.array(
    z.object({
      scope: text,
      limit_usd: z.number(),
      spent_usd: z.number(),
      reserved_usd: z.number(),
      is_hard: z.boolean(),
    }),
  ),
  outcomes: z.object({
    per: z.record(
      text,
      z.object({
        reached: whole,
        given_up: whole,
        usd: z.number(),
        usd_each: orNull(z.number()),
      }),
    ),
    rows: z.array(
      z.object({
        kind: text,
        number: whole,
        reached: z.boolean(),
        tasks: z.array(text),
        usd: z.number(),
        at: time,
      }),
    ),
  }),
};
