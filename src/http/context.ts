import { asCaller } from "../adapters/process/caller.ts";
import { createRemoteContext } from "../mcp/index.ts";
import type { McpContext } from "../mcp/index.ts";
import { callerOfHeaders, originOf, processOf } from "./caller.ts";
import { currentNote, underNote } from "./log/request-note.ts";
import type { Visit } from "./visit.ts";

/** What the tools know of whoever makes this visit. */
export function contextOf({ request, parts, project, principal }: Visit): McpContext {
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
    mayUse: (tool) => {
      Object.assign(note ?? {}, { action: `tool:${tool}` });
      gate.authorise(principal, `tool:${tool}`);
    },
    under: async (tool, work) =>
      underNote(note, async () => asCaller(originOf(principal, `tool:${tool}`), work)),
    ...faults,
  });
}
