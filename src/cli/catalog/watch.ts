import type { CommandSpec } from "../command.ts";
import { branch, method, onePlan } from "./words.ts";

export const watchCommands: readonly CommandSpec[] = [
  {
    name: "status",
    summary: "show who works on what, what waits and why",
    args: [],
    options: [],
    load: async () => (await import("../commands/status.ts")).status,
  },
  {
    name: "top",
    summary: "the status, live; q ends it",
    args: [],
    options: [
      {
        flags: "--count <count>",
        summary: "stop after so many views",
        value: { is: "number", min: 1, max: 1_000_000 },
      },
    ],
    load: async () => (await import("../commands/top.ts")).top,
  },
  {
    name: "events",
    summary: "print the log, what led to an event, or the state as it was at one",
    args: [],
    options: [
      {
        flags: "--since <seq>",
        summary: "only events after this one",
        value: { is: "number", min: 0, max: Number.MAX_SAFE_INTEGER },
      },
      { flags: "--follow", summary: "go on as the log grows", value: { is: "flag" } },
      {
        flags: "--kind <kind>",
        summary: "only this kind, as task.claimed, or its noun, as task",
        value: { is: "text" },
      },
      {
        flags: "--limit <count>",
        summary: "at most so many, the oldest first (default 1000)",
        value: { is: "number", min: 1, max: 1_000_000 },
      },
      {
        flags: "--why <seq>",
        summary: "print this event and those that led to it, back to the first, instead",
        value: { is: "number", min: 1, max: Number.MAX_SAFE_INTEGER },
      },
      {
        flags: "--at <seq>",
        summary: "print the state right after this event instead",
        value: { is: "number", min: 1, max: Number.MAX_SAFE_INTEGER },
      },
    ],
    load: async () => (await import("../commands/events.ts")).events,
  },
  {
    name: "kpi",
    summary: "hold what was measured against its targets: times, success, completion, memory",
    args: [],
    options: [
      {
        flags: "--since <time>",
        summary: "a day as 2026-11-01, or how long ago as 24h, 7d or 4w (default 7d)",
        value: { is: "text" },
      },
    ],
    load: async () => (await import("../commands/kpi.ts")).kpi,
  },
  {
    name: "metrics",
    summary: "show how long things took and how they ended, with percentiles, trends and history",
    args: [],
    options: [
      {
        flags: "--since <time>",
        summary: "a day as 2026-11-01, or how long ago as 24h, 7d or 4w (default 24h)",
        value: { is: "text" },
      },
      {
        flags: "--prometheus",
        summary: "print Prometheus's text format instead",
        value: { is: "flag" },
        isForm: true,
      },
    ],
    load: async () => (await import("../commands/metrics.ts")).metrics,
  },
  {
    name: "integrate",
    summary: "land submitted work on the integration branch, one task at a time",
    args: [],
    options: [
      onePlan,
      {
        flags: "--task <task>",
        summary: "only this task",
        value: { is: "text", kind: "task" },
      },
      method,
      branch,
      { flags: "--watch", summary: "go on as work is submitted", value: { is: "flag" } },
    ],
    load: async () => (await import("../commands/integrate.ts")).integrate,
  },
];
