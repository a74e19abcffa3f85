import type { Caller } from "../core/dispatch/index.ts";
import type { ProcessStamp } from "../core/sessions/index.ts";
import type { CommonInput } from "./tool.ts";
import { fieldAt, recordAt } from "./record.ts";

/** What the face knows of whoever calls, in the order in which it counts. */
export interface CallerFacts {
  readonly input: CommonInput;
  /** The `_meta` of the request, as the host filled it. */
  readonly meta: unknown;
  /** As the client introduced itself, or null. */
  readonly client: string | null;
  readonly surroundings: Surroundings;
}

/** What stays the same for all calls of one connection. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Names this connection; the identity of last resort. */
  readonly connection: string;
  /** This process. */
  readonly self: ProcessStamp | null;
  /** The process that started this one: the host, where there is one. */
  readonly host: ProcessStamp | null;
  readonly gitDir: string | null;
  readonly branch: () => string | null;
}

/** Whom a call is of. */
export interface Identity {
  readonly handle: string | null;
  readonly externalId: string | null;
  readonly parentExternalId: string | null;
  /** True when the host said who calls: then the agent lives as long as its host, even if this server is started anew. */
  readonly isHosted: boolean;
}

/**
 * Tells who calls: the `session` argument, else the host's id in `_meta`, else the environment (`SKEIN_SESSION`, `SKEIN_EXTERNAL_ID`,
 * `CLAUDE_CODE_SESSION_ID`), else this connection.
 */
export function callerOf(facts: CallerFacts): Caller {
  const { input, client, surroundings } = facts;
  const { isHosted, ...identity } = identityOf(facts);
  return {
    ...identity,
    process: isHosted ? (surroundings.host ?? surroundings.self) : surroundings.self,
    client,
    gitDir: surroundings.gitDir,
    branch: surroundings.branch(),
    name: input.name ?? null,
    role: input.role ?? null,
    skills: input.skills ?? null,
  };
}

function identityOf({ input, meta, client, surroundings }: CallerFacts): Identity {
  const known = identityOfMeta(meta, client) ?? identityOfEnvironment(surroundings.env);
  if (input.session !== undefined) {
    return { ...nobody, handle: input.session, isHosted: known?.isHosted ?? false };
  }
  return known ?? { ...nobody, externalId: `mcp:${surroundings.connection}` };
}

const nobody: Identity = {
  handle: null,
  externalId: null,
  parentExternalId: null,
  isHosted: false,
};

function identityOfMeta(meta: CallerFacts["meta"], client: string | null): Identity | null {
  const turn = recordAt(meta, "x-codex-turn-metadata");
  const thread = idAt(meta, "threadId") ?? idAt(turn, "thread_id");
  const session = idAt(meta, "sessionId") ?? idAt(turn, "session_id") ?? thread;
  if (session === null) {
    return null;
  }
  const main = `${hostName(client)}:${session}`;
  return thread === null || thread === session
    ? { ...nobody, externalId: main, isHosted: true }
    : { ...nobody, externalId: `${main}:${thread}`, parentExternalId: main, isHosted: true };
}

/** Who calls, by the environment of this process alone; null where it does not say. */
export function identityOfEnvironment(env: Surroundings["env"]): Identity | null {
  const handle = filled(env["SKEIN_SESSION"]);
  if (handle !== null) {
    return { ...nobody, handle };
  }
  const external = filled(env["SKEIN_EXTERNAL_ID"]);
  if (external !== null) {
    const parentExternalId = filled(env["SKEIN_PARENT_EXTERNAL_ID"]);
    return { ...nobody, externalId: external, parentExternalId, isHosted: true };
  }
  const claude = idOf(env["CLAUDE_CODE_SESSION_ID"]);
  return claude === null ? null : { ...nobody, externalId: `claude:${claude}`, isHosted: true };
}

/** The word for a host that its hooks use, too. */
function hostName(client: string | null): string {
  const name = (client ?? "mcp").toLowerCase();
  const known = ["codex", "claude", "gemini", "opencode"].find((host) => name.includes(host));
  return known ?? (name.replace(/[^\w.-]+/gu, "-").slice(0, 40) || "mcp");
}

function idAt(from: unknown, key: string): string | null {
  return idOf(fieldAt(from, key));
}

/** Ids come from outside and prove nothing; anything but a plain word is no id. */
function idOf(value: unknown): string | null {
  return typeof value === "string" && /^[\w.-]{1,128}$/u.test(value) ? value : null;
}

function filled(text: string | undefined): string | null {
  return text === undefined || text === "" ? null : text;
}
