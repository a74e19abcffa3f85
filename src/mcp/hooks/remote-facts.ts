import { ownText, ownValue, isLooseObject } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import type { MeasuredUse, Transcript } from "../../core/costs/index.ts";
import type { HookWorktree } from "./context.ts";
import { isHost } from "./payload.ts";
import type { HookCall, HookEvent } from "./payload.ts";

/** What the machine with the worktree tells of one call of a hook: the least that the ledger has to know. */
export interface RemoteFacts {
  /** Paths about to be written, or changed by a command, from the root. */
  readonly paths: readonly string[];
  /** Those of them that need no lease, by the settings committed there. */
  readonly exempt: readonly string[];
  readonly isDirty: boolean;
  readonly transcript: Transcript | null;
}

/** As many answers of models as one question brings; older ones were counted before. */
const mostUses = 2_000;

/** The facts and the call, as they go over the wire. */
export function factsToWire(call: HookCall, facts: RemoteFacts): Readonly<Record<string, unknown>> {
  const { paths, exempt, isDirty, transcript } = facts;
  return {
    host: call.host,
    agent: call.agent,
    is_held_back: call.isHeldBack,
    paths,
    exempt,
    is_dirty: isDirty,
    transcript:
      transcript === null
        ? null
        : {
            host: transcript.host,
            session: transcript.session,
            uses: transcript.uses.slice(-mostUses).map(useToWire),
          },
  };
}

function useToWire(use: MeasuredUse): readonly unknown[] {
  const { id, model, atMs, inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = use;
  return [id, model, atMs, inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens];
}

export interface ToldCall {
  readonly call: HookCall;
  readonly facts: RemoteFacts;
}

/** Reads what another machine tells; null when it is nothing of the kind. */
export function factsFromWire(event: HookEvent, body: LooseObject): ToldCall | null {
  const host = ownText(body, "host") ?? "";
  const paths = texts(ownValue(body, "paths"));
  const exempt = texts(ownValue(body, "exempt"));
  if (!isHost(host) || paths === null || exempt === null) {
    return null;
  }
  const call: HookCall = {
    host,
    event,
    hostSession: null,
    agent: ownText(body, "agent"),
    cwd: null,
    tool: null,
    input: {},
    isHeldBack: ownValue(body, "is_held_back") === true,
    transcript: null,
  };
  const isDirty = ownValue(body, "is_dirty") === true;
  return { call, facts: { paths, exempt, isDirty, transcript: transcriptFrom(body) } };
}

const mostPaths = 20_000;

function texts(value: unknown): readonly string[] | null {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  const found = list.filter((each) => typeof each === "string");
  return found.length === list.length && list.length <= mostPaths ? found : null;
}

function transcriptFrom(body: LooseObject): Transcript | null {
  const value = ownValue(body, "transcript");
  if (!isLooseObject(value)) {
    return null;
  }
  const host = ownText(value, "host") === "codex" ? "codex" : "claude";
  const uses = ownValue(value, "uses");
  const found = (Array.isArray(uses) ? uses : []).slice(0, mostUses).flatMap(useFrom);
  return { host, session: null, cwd: null, uses: found, faults: 0 };
}

function useFrom(value: unknown): readonly MeasuredUse[] {
  const [id, model, atMs, ...counts]: readonly unknown[] = Array.isArray(value) ? value : [];
  if (typeof id !== "string" || id === "" || id.length > 200) {
    return [];
  }
  return [
    {
      id,
      model: typeof model === "string" ? model.slice(0, 100) : null,
      atMs: Number.isSafeInteger(atMs) ? Number(atMs) : null,
      inputTokens: countFrom(counts[0]),
      outputTokens: countFrom(counts[1]),
      cacheReadTokens: countFrom(counts[2]),
      cacheWriteTokens: countFrom(counts[3]),
    },
  ];
}

const mostTokens = 10_000_000;

function countFrom(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0
    ? Math.min(value, mostTokens)
    : 0;
}

/** A worktree that another machine tells of. */
export function toldWorktree({ paths, isDirty, transcript }: RemoteFacts): HookWorktree {
  return {
    writtenPaths: () => paths,
    changedPaths: async () => Promise.resolve(paths),
    remember: async () => Promise.resolve(),
    isDirty: async () => Promise.resolve(isDirty),
    transcriptOf: () => transcript,
  };
}
