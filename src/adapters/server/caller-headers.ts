import { hostId } from "../process/probe.ts";

/** Whoever calls a server, as far as this machine can tell. */
export interface WireCaller {
  readonly handle: string | null;
  readonly externalId: string | null;
  readonly parentExternalId?: string | null | undefined;
  readonly client?: string | null | undefined;
  readonly branch: string | null;
  /** The commit that its worktree stands at, for a call that may hand it in. */
  readonly head?: string | null | undefined;
  /** Names the worktree; see `worktreeName`. */
  readonly gitDir: string | null;
  /** Sent to a server of this machine only: no other can look at it. */
  readonly process?: object | null | undefined;
}

/** What the headers of a request may hold of a caller. */
const longest = 1_024;

/** A caller as the headers of a request name it, percent-encoded: names and branches may have letters of any script. */
export function callerHeaders(caller: WireCaller): Readonly<Record<string, string>> {
  const { process = null } = caller;
  const fields: readonly (readonly [string, string | null | undefined])[] = [
    ["skein-session", caller.handle],
    ["skein-external-id", caller.externalId],
    ["skein-parent-external-id", caller.parentExternalId],
    ["skein-client", caller.client],
    ["skein-branch", caller.branch],
    ["skein-head", caller.head],
    ["skein-git-dir", caller.gitDir],
    ["skein-process", process === null ? null : JSON.stringify(process)],
  ];
  return Object.fromEntries(
    fields.flatMap(([name, value]) =>
      value === null || value === undefined || value === "" || value.length > longest
        ? []
        : [[name, encodeURIComponent(value)]],
    ),
  );
}

/** A worktree's name among those of all machines: the same folder on another machine is another worktree. */
export function worktreeName(gitDir: string): string {
  return `${hostId()}:${gitDir}`;
}
