import { asCaller } from "../adapters/process/caller.ts";
import { createRemoteContext } from "../mcp/index.ts";
import type { McpContext } from "../mcp/index.ts";
import { callerOfHeaders, originOf, processOf } from "./caller.ts";
import { currentNote, underNote } from "./log/request-note.ts";
import type { Lane } from "./lanes.ts";
import { stillProven } from "./still-proven.ts";
import type { Visit } from "./visit.ts";

/** What the tools know of whoever makes this visit. */
export function contextOf(visit: Visit, lane: Lane): McpContext {
  const { request, parts, project, principal } = visit;
  const { version, faults, gate, draining } = parts;
  const note = currentNote();
  return createRemoteContext({
    version,
    caller: { ...callerOfHeaders(request), process: processOf(request, principal) },
    connection: principal.id,
    principal,
    person: `person:${principal.name}`,
    handles: project.handlesOf(principal.id),
    hurry: draining,
    open: async () => Promise.resolve(project.tools),
    // Others were let in a moment ago.
    ...(lane === "wait" ? { ensureAdmitted: stillProven(visit) } : {}),
    mayUse: (tool) => {
      Object.assign(note ?? {}, { action: `tool:${tool}` });
      gate.authorise(principal, `tool:${tool}`);
    },
    under: async (tool, work) =>
      underNote(note, async () => asCaller(originOf(principal, `tool:${tool}`), work)),
    ...faults,
  });
}
