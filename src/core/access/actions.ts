import type { Role } from "./role.ts";

/**
 * Who may do it: a role and those above it; `anyone`, without proof of who they are; `nobody` over a server: it belongs to the machine on
 * which it runs (its files, its git, its terminal, the address of its database).
 */
export type Standing = Role | "anyone" | "nobody";

const tools = {
  "tool:look": "viewer",
  "tool:next_task": "agent",
  "tool:update_task": "agent",
  "tool:finish_task": "agent",
  "tool:claim_files": "agent",
  "tool:release_files": "agent",
  "tool:send_message": "agent",
  "tool:ask_human": "agent",
  "tool:review_changes": "reviewer",
  "tool:propose_plan": "manager",
} as const satisfies Readonly<Record<string, Standing>>;

const reading = {
  "command:status": "viewer",
  "command:events": "viewer",
  "command:kpi": "viewer",
  "command:metrics": "viewer",
  "command:cost": "viewer",
  "command:plan list": "viewer",
  "command:plan show": "viewer",
  "command:plan export": "viewer",
  "command:task list": "viewer",
  "command:task show": "viewer",
  "command:task why": "viewer",
  "command:lease list": "viewer",
  "command:lease check": "viewer",
  "command:session list": "viewer",
  "command:message list": "viewer",
  "command:review list": "viewer",
  "command:review show": "viewer",
  "command:review weights": "viewer",
  "command:explain": "viewer",
} as const satisfies Readonly<Record<string, Standing>>;

const writing = {
  "command:lease take": "agent",
  "command:lease release": "agent",
  "command:lease release --force": "manager",
  "command:message send": "agent",
  "command:review": "reviewer",
  "command:review retally": "reviewer",
  "command:review outcome": "reviewer",
  "command:review weights --reset": "manager",
  "command:approve": "manager",
  "command:plan import": "manager",
  "command:plan draft": "manager",
  "command:plan approve": "manager",
  "command:plan pause": "manager",
  "command:plan resume": "manager",
  "command:plan cancel": "manager",
  "command:task reassign": "manager",
  "command:task release": "manager",
  "command:task retry": "manager",
  "command:task cancel": "manager",
  "command:session revoke": "manager",
  "command:verify": "manager",
  "command:audit verify": "manager",
  "command:audit export": "admin",
  "command:audit anchor": "nobody",
  "command:export": "admin",
  "command:import": "admin",
  "command:maintain": "admin",
  "command:token create": "admin",
  "command:token list": "admin",
  "command:token revoke": "admin",
} as const satisfies Readonly<Record<string, Standing>>;

/** They need the working tree, the terminal or the keys of the machine where they run. */
const local = {
  "command:init": "nobody",
  "command:doctor": "nobody",
  "command:config explain": "nobody",
  "command:demo": "nobody",
  "command:mcp": "nobody",
  "command:hook": "nobody",
  "command:guard": "nobody",
  "command:top": "nobody",
  "command:integrate": "nobody",
  "command:task verify": "nobody",
  "command:rules explain": "nobody",
  "command:github publish": "nobody",
  "command:github sync": "nobody",
  "command:models check": "nobody",
  "command:models trust": "nobody",
  "command:usage import": "nobody",
  "command:completion": "nobody",
  "command:complete": "nobody",
  "command:bench": "nobody",
  "command:db status": "nobody",
  "command:db migrate": "nobody",
  "command:project list": "nobody",
  "command:project add": "nobody",
  "command:project remove": "nobody",
  "command:bot": "nobody",
  "command:serve": "nobody",
} as const satisfies Readonly<Record<string, Standing>>;

/** The doors of a server. What a call behind them does has a row of its own above. */
const routes = {
  "route:livez": "anyone",
  "route:readyz": "anyone",
  "route:healthz": "anyone",
  "route:protected_resource": "anyone",
  "route:metrics": "viewer",
  "route:mcp": "viewer", // Its lists, resources and prompts, too.
  "route:tools": "viewer",
  "route:commands": "viewer",
  "route:events": "viewer",
  "route:ledger": "viewer",
  "route:openapi": "viewer",
  "route:hooks": "agent",
} as const satisfies Readonly<Record<string, Standing>>;

const table = { ...tools, ...reading, ...writing, ...local, ...routes } as const;

/** The name of something that can be asked of a server. */
export type Action = keyof typeof table;

/**
 * The one table of permissions: every tool (`tool:` and its name), command (`command:` and its words; with an option, where that changes who may),
 * and route. What has no row is refused, and a test fails for it.
 */
export const actions: Readonly<Record<Action, Standing>> = table;

export function isAction(text: string): text is Action {
  return Object.hasOwn(actions, text);
}

/** All rows that a call of a command touches: its own, and those of its options, as `--force`. */
export function commandActions(words: string, options: readonly string[]): readonly string[] {
  const own = `command:${words}`;
  return [own, ...options.map((option) => `${own} ${option}`).filter(isAction)];
}
