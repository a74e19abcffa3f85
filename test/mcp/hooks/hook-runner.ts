import { ownObject, ownText, isLooseObject } from "../../../src/core/base/loose-object.ts";
import type { LooseObject } from "../../../src/core/base/loose-object.ts";
import { openBetterSqlite } from "../../../src/core/store/index.ts";
import { runHook } from "../../../src/mcp/hooks/run-hook.ts";
import { plainEnv } from "../../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../../support/coordinated-repository.ts";

/** What a hook's process said. */
export interface Said {
  readonly exitCode: number;
  /** What it printed, or null. */
  readonly answer: unknown;
  readonly warnings: readonly string[];
}

export interface Payload {
  readonly session_id?: string;
  readonly cwd?: string;
  readonly [key: string]: unknown;
}

/** Runs a hook by its words, as `claude pre-edit`, with a payload in the repository. */
export type RunHook = (
  words: string,
  payload: Payload | string,
  env?: Readonly<Record<string, string>>,
) => Promise<Said>;

/** Runs hooks in a repository as its agents' hosts would, in this process. */
export function createHookRunner(repository: () => CoordinatedRepository): RunHook {
  return async (words, payload, env = {}) => {
    const { root } = repository();
    const out: string[] = [];
    const warnings: string[] = [];
    const exitCode = await runHook(words.split(" "), {
      cwd: root,
      env: { ...plainEnv, ...env },
      readInput: () =>
        typeof payload === "string" ? payload : JSON.stringify({ cwd: root, ...payload }),
      openDriver: openBetterSqlite,
      out: (text) => out.push(text),
      warn: (line) => warnings.push(line),
    });
    return { exitCode, answer: out.length === 0 ? null : JSON.parse(out.join("")), warnings };
  };
}

/** The answer of a hook that has nothing to say. */
export const silentAnswer: Said = { exitCode: 0, answer: null, warnings: [] };

export function claudeEdit(session: string, path: string, rest: Payload = {}): Payload {
  return {
    session_id: session,
    hook_event_name: "PreToolUse",
    tool_name: "Edit",
    tool_input: { file_path: path },
    ...rest,
  };
}

export function codexPatch(session: string, ...paths: readonly string[]): Payload {
  const hunks = paths.map((path) => `*** Update File: ${path}\n@@\n-a\n+b`);
  return {
    session_id: session,
    tool_name: "apply_patch",
    tool_input: { command: `*** Begin Patch\n${hunks.join("\n")}\n*** End Patch` },
  };
}

/** The external id of whoever holds a path, or null. */
export async function holderOf(
  { project }: CoordinatedRepository,
  path: string,
): Promise<string | null> {
  const { dispatch, sessions, store } = project.skein;
  const verdict = (await dispatch.check(null, [path])).get(path);
  if (verdict?.kind !== "foreign") {
    return null;
  }
  const holder = await store.read((reader) => sessions.get(reader, verdict.refusal.holder));
  return holder?.externalId ?? null;
}

/** The part of an answer that is for one event. */
export function specificOf(answer: unknown): LooseObject {
  return isLooseObject(answer) ? ownObject(answer, "hookSpecificOutput") : {};
}

/** A text in that part; empty when it is not there. */
export function wordOf(answer: unknown, key: string): string {
  return ownText(specificOf(answer), key) ?? "";
}
