import type { Dashboard } from "./dashboard.ts";

/** Nodes that serve one project tell the same of its state: the largest counts once. */
function state(metric: string, by = "project", labels = ""): string {
  return `max by (${by}) (${metric}{project=~"$project"${labels}})`;
}

function rate(metric: string, by: string, labels = ""): string {
  return `sum by (${by}) (rate(${metric}{project=~"$project"${labels}}[5m]))`;
}

function quantile(share: number, metric: string, by: string): string {
  const inner = `sum by (${by}, le) (rate(${metric}_bucket{project=~"$project"}[5m]))`;
  return `histogram_quantile(${String(share)}, ${inner})`;
}

const overview: Dashboard = {
  uid: "skein-overview",
  title: "Skein: overview",
  about: "What is wrong, and what is going on.",
  panels: [
    {
      title: "Servers",
      about: "Processes that take requests.",
      kind: "stat",
      unit: "none",
      width: 4,
      queries: [{ expr: "sum(skein_up)" }],
    },
    {
      title: "Stores away",
      about: "Projects whose store does not answer.",
      kind: "stat",
      unit: "none",
      width: 4,
      limits: [1, 1],
      queries: [
        { expr: 'count(min by (project) (skein_store_up{project=~"$project"}) == 0) or vector(0)' },
      ],
    },
    {
      title: "Stuck tasks",
      about: "Claims whose session has been silent for an hour or is gone.",
      kind: "stat",
      unit: "none",
      width: 4,
      limits: [1, 1],
      queries: [{ expr: `sum(${state("skein_tasks_stuck")})` }],
    },
    {
      title: "Questions",
      about: "Questions that wait for a person.",
      kind: "stat",
      unit: "none",
      width: 4,
      limits: [1, 10],
      queries: [{ expr: `sum(${state("skein_questions_open")})` }],
    },
    {
      title: "Oldest ready task",
      about: "How long the oldest ready task has been ready.",
      kind: "stat",
      unit: "s",
      width: 4,
      limits: [900, 3_600],
      queries: [{ expr: `max(${state("skein_queue_age_seconds")})` }],
    },
    {
      title: "Age of the newest backup",
      about: "The newest file in SKEIN_BACKUP_DIR.",
      kind: "stat",
      unit: "s",
      width: 4,
      limits: [86_400, 172_800],
      queries: [{ expr: "min(skein_backup_age_seconds)" }],
    },
    {
      title: "Tasks by status",
      about: "Ready tasks wait for nothing but an agent.",
      kind: "timeseries",
      unit: "none",
      width: 12,
      queries: [
        {
          expr: `sum by (status) (${state("skein_tasks", "project, status")})`,
          legend: "{{status}}",
        },
      ],
    },
    {
      title: "Sessions by state",
      about: "Sessions that have not ended.",
      kind: "timeseries",
      unit: "none",
      width: 12,
      queries: [
        {
          expr: `sum by (state) (${state("skein_sessions", "project, state")})`,
          legend: "{{state}}",
        },
      ],
    },
    {
      title: "Requests",
      about: "Answered requests a second, by route.",
      kind: "timeseries",
      unit: "reqps",
      queries: [
        {
          expr: "sum by (route) (rate(skein_http_request_seconds_count[5m]))",
          legend: "{{route}}",
        },
      ],
    },
    {
      title: "Time of tool calls",
      about: "Half, 95 % and 99 % of the calls of tools take no longer.",
      kind: "timeseries",
      unit: "s",
      queries: [0.5, 0.95, 0.99].map((share) => ({
        expr: quantile(share, "skein_tool_call_seconds", "job"),
        legend: `p${String(share * 100)}`,
      })),
    },
    {
      title: "Time of writes",
      about: "From the wait for their turn to the commit; p99 by project.",
      kind: "timeseries",
      unit: "s",
      queries: [
        { expr: quantile(0.99, "skein_store_write_seconds", "project"), legend: "{{project}}" },
      ],
    },
    {
      title: "Memory",
      about: "Resident memory of each process.",
      kind: "timeseries",
      unit: "bytes",
      queries: [{ expr: "skein_resident_memory_bytes", legend: "{{instance}}" }],
    },
    {
      title: "Lateness of the event loop",
      about: "How late timers were, p99.",
      kind: "timeseries",
      unit: "s",
      queries: [{ expr: "skein_event_loop_delay_seconds", legend: "{{instance}}" }],
    },
    {
      title: "Events",
      about: "Events a second in the logs.",
      kind: "timeseries",
      unit: "short",
      queries: [
        {
          expr: 'max by (project) (rate(skein_events_total{project=~"$project"}[5m]))',
          legend: "{{project}}",
        },
      ],
    },
    {
      title: "Live logs",
      about: "Events in the live log, which limits.events bounds and skein maintain archives.",
      kind: "timeseries",
      unit: "short",
      queries: [
        {
          expr: 'max by (project) (skein_live_events{project=~"$project"})',
          legend: "{{project}}",
        },
      ],
    },
  ],
};

const agents: Dashboard = {
  uid: "skein-agents",
  title: "Skein: agents",
  about: "Who is there, what they wait for, and what their calls cost in time.",
  panels: [
    {
      title: "Sessions by project and state",
      about: "Sessions that have not ended.",
      kind: "timeseries",
      unit: "none",
      width: 12,
      queries: [
        { expr: state("skein_sessions", "project, state"), legend: "{{project}} {{state}}" },
      ],
    },
    {
      title: "Ready tasks",
      about: "Work that nobody has taken.",
      kind: "timeseries",
      unit: "none",
      width: 12,
      queries: [
        { expr: state("skein_tasks", "project", ',status="ready"'), legend: "{{project}}" },
      ],
    },
    {
      title: "Path leases",
      about: "Living leases by project.",
      kind: "timeseries",
      unit: "none",
      queries: [{ expr: state("skein_leases"), legend: "{{project}}" }],
    },
    {
      title: "Calls of tools",
      about: "Calls a second, by tool.",
      kind: "timeseries",
      unit: "reqps",
      queries: [{ expr: rate("skein_tool_call_seconds_count", "tool"), legend: "{{tool}}" }],
    },
    {
      title: "Refused calls of tools",
      about: "The share that an error of Skein's own refused, by tool.",
      kind: "timeseries",
      unit: "percentunit",
      queries: [
        {
          expr: `${rate("skein_tool_call_seconds_count", "tool", ',outcome="refused"')} / ${rate("skein_tool_call_seconds_count", "tool")}`,
          legend: "{{tool}}",
        },
      ],
    },
    {
      title: "Time of calls, p95 by tool",
      about: "next_task and claim_files may wait up to 45 seconds for work.",
      kind: "timeseries",
      unit: "s",
      width: 12,
      queries: [{ expr: quantile(0.95, "skein_tool_call_seconds", "tool"), legend: "{{tool}}" }],
    },
    {
      title: "Waiting requests",
      about: "Requests in line, by lane, and those that wait for an event.",
      kind: "timeseries",
      unit: "none",
      width: 12,
      queries: [
        { expr: "sum by (lane) (skein_requests_waiting)", legend: "{{lane}}" },
        { expr: "sum(skein_requests_sleeping)", legend: "for an event" },
        { expr: "sum(skein_requests_running)", legend: "at work" },
      ],
    },
  ],
};

const cost: Dashboard = {
  uid: "skein-cost",
  title: "Skein: cost",
  about: "What models cost, and what is left.",
  panels: [
    {
      title: "Spent in the chosen time",
      about: "US dollars by the ledger.",
      kind: "stat",
      unit: "currencyUSD",
      queries: [
        {
          expr: `sum(max by (project, model) (increase(skein_spent_usd_total{project=~"$project"}[$__range])))`,
        },
      ],
    },
    {
      title: "Spent in all",
      about: "US dollars by the ledger since it began.",
      kind: "stat",
      unit: "currencyUSD",
      queries: [{ expr: `sum(${state("skein_spent_usd_total", "project, model")})` }],
    },
    {
      title: "Left of budgets",
      about: "After what is spent and set aside.",
      kind: "bargauge",
      unit: "percentunit",
      limits: [0.2, 0.1],
      queries: [
        {
          expr: 'min by (project, budget) (skein_budget_remaining_ratio{project=~"$project"})',
          legend: "{{project}} {{budget}}",
        },
      ],
    },
    {
      title: "Dollars an hour, by model",
      about: "An empty model was not told.",
      kind: "timeseries",
      unit: "currencyUSD",
      width: 12,
      queries: [
        {
          expr: 'sum by (model) (max by (project, model) (rate(skein_spent_usd_total{project=~"$project"}[1h]))) * 3600',
          legend: "{{model}}",
        },
      ],
    },
    {
      title: "Dollars an hour, by project",
      about: "The dearest projects.",
      kind: "timeseries",
      unit: "currencyUSD",
      width: 12,
      queries: [
        {
          expr: 'sum by (project) (max by (project, model) (rate(skein_spent_usd_total{project=~"$project"}[1h]))) * 3600',
          legend: "{{project}}",
        },
      ],
    },
    {
      title: "Tries at models",
      about: "Tries a second, by model and outcome.",
      kind: "timeseries",
      unit: "reqps",
      queries: [
        {
          expr: rate("skein_model_call_seconds_count", "model, outcome"),
          legend: "{{model}} {{outcome}}",
        },
      ],
    },
    {
      title: "Time of models, p95",
      about: "One try, from leaving to its end.",
      kind: "timeseries",
      unit: "s",
      queries: [{ expr: quantile(0.95, "skein_model_call_seconds", "model"), legend: "{{model}}" }],
    },
    {
      title: "Waits for rate limits, p95",
      about: "How long calls stood in line for a provider's limit.",
      kind: "timeseries",
      unit: "s",
      queries: [
        { expr: quantile(0.95, "skein_model_wait_seconds", "provider"), legend: "{{provider}}" },
      ],
    },
  ],
};

const errors: Dashboard = {
  uid: "skein-errors",
  title: "Skein: errors",
  about: "What was refused, what failed, and whether the record is sound.",
  panels: [
    {
      title: "Audit chains broken",
      about: "Projects whose log does not follow from itself.",
      kind: "stat",
      unit: "none",
      limits: [1, 1],
      queries: [
        {
          expr: 'count(min by (project) (skein_audit_chain_ok{project=~"$project"}) == 0) or vector(0)',
        },
      ],
    },
    {
      title: "Last check of the chains",
      about: "How long ago the log of a project was last read whole.",
      kind: "stat",
      unit: "s",
      limits: [7_200, 86_400],
      queries: [
        { expr: 'max(min by (project) (skein_audit_check_age_seconds{project=~"$project"}))' },
      ],
    },
    {
      title: "Dead letters",
      about: "Tasks whose retries are used up.",
      kind: "stat",
      unit: "none",
      limits: [1, 10],
      queries: [{ expr: `sum(${state("skein_dead_letters")})` }],
    },
    {
      title: "Refused writes, by code",
      about: "`skein explain CODE` says what each means.",
      kind: "timeseries",
      unit: "reqps",
      width: 12,
      queries: [{ expr: rate("skein_refusals_total", "code"), legend: "{{code}}" }],
    },
    {
      title: "Answers by status",
      about: "Answers a second, by hundred of the status.",
      kind: "timeseries",
      unit: "reqps",
      width: 12,
      queries: [
        { expr: "sum by (code) (rate(skein_http_request_seconds_count[5m]))", legend: "{{code}}" },
      ],
    },
    {
      title: "Writes that found the store busy, full or broken",
      about: "The share of all writes.",
      kind: "timeseries",
      unit: "percentunit",
      queries: [
        {
          expr: `${rate("skein_store_write_seconds_count", "project", ',outcome="unavailable"')} / ${rate("skein_store_write_seconds_count", "project")}`,
          legend: "{{project}}",
        },
      ],
    },
    {
      title: "Requests turned away",
      about: "Answers with 429 a second, by lane.",
      kind: "timeseries",
      unit: "reqps",
      queries: [
        { expr: "sum by (lane) (rate(skein_requests_shed_total[5m]))", legend: "{{lane}}" },
      ],
    },
    {
      title: "Failed and blocked tasks",
      about: "By project.",
      kind: "timeseries",
      unit: "none",
      queries: [
        {
          expr: state("skein_tasks", "project, status", ',status=~"failed|blocked"'),
          legend: "{{project}} {{status}}",
        },
      ],
    },
    {
      title: "Versions",
      about: "What runs where.",
      kind: "table",
      unit: "none",
      width: 24,
      queries: [{ expr: "sum by (instance, version) (skein_build_info)" }],
    },
  ],
};

/** By the name of its file. */
export const dashboards: Readonly<Record<string, Dashboard>> = { overview, agents, cost, errors };
