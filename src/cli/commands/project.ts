import { withDatabase } from "../../compose-database.ts";
import type { DatabaseRequest } from "../../compose-database.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { localProject, parseProjectName } from "../../store-place.ts";
import { needYes } from "../asking.ts";
import type { Answer, Call } from "../command.ts";
import { cliErrors } from "../errors.ts";
import { databaseRequest } from "../store-place.ts";
import { counted } from "../counted.ts";

/** `skein project list`. */
export async function list(call: Call): Promise<Answer> {
  const request = await databaseRequest(call);
  const projects =
    request === null ? [localProject] : await withDatabase(request, (found) => found.list());
  return { data: { projects }, lines: projects };
}

/** `skein project add NAME`. */
export async function add(call: Call): Promise<Answer> {
  const name = parseProjectName(call.args[0] ?? "");
  const isNew = await withDatabase(await needRequest(call), (projects) => projects.add(name));
  return {
    data: { project: name, added: isNew },
    lines: [isNew ? `Added ${name}.` : `${name} is there already; nothing was changed.`],
  };
}

/** `skein project remove NAME`: with all of its rows, for good. */
export async function remove(call: Call): Promise<Answer> {
  const name = parseProjectName(call.args[0] ?? "");
  return withDatabase(await needRequest(call), async (projects) => {
    const rows = await projects.remove(name, "count");
    if (call.options.flag("dryRun")) {
      return {
        data: { project: name, rows, dry_run: true },
        lines: [`${name} has ${counted(rows, "row")}. Nothing was removed.`],
      };
    }
    await needYes(call, `Remove ${name} with its ${counted(rows, "row")} for good?`);
    const removed = await projects.remove(name, "delete");
    return {
      data: { project: name, rows: removed, dry_run: false },
      lines: [`Removed ${name} with ${counted(removed, "row")}.`],
    };
  });
}

async function needRequest(call: Call): Promise<DatabaseRequest> {
  const request = await databaseRequest(call);
  if (request === null) {
    throw new SkeinError(cliErrors.needsDatabase);
  }
  return request;
}
