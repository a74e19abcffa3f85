import type { Caller } from "../core/dispatch/index.ts";

/** What the headers of a request may hold of a caller. */
const longest = 1_024;

/** A caller as the headers of a request name it, percent-encoded: names and branches may have letters of any script. */
export function callerHeaders(caller: Caller): Readonly<Record<string, string>> {
  const fields: readonly (readonly [string, string | null])[] = [
    ["skein-session", caller.handle],
    ["skein-external-id", caller.externalId],
    ["skein-parent-external-id", caller.parentExternalId],
    ["skein-client", caller.client],
    ["skein-branch", caller.branch],
    ["skein-git-dir", caller.gitDir],
    ["skein-process", caller.process === null ? null : JSON.stringify(caller.process)],
  ];
  return Object.fromEntries(
    fields.flatMap(([name, value]) =>
      value === null || value === "" || value.length > longest
        ? []
        : [[name, encodeURIComponent(value)]],
    ),
  );
}
