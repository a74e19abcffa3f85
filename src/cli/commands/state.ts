import { withDatabase } from "../../compose-database.ts";
import type { DatabaseRequest } from "../../compose-database.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { isLooseObject, ownValue } from "../../core/base/loose-object.ts";
import { ensureVersion, exportParts, parseJson, upkeepErrors } from "../../core/upkeep/index.ts";
import type { Answer, Call } from "../command.ts";
import { readGiven, writeGiven } from "../files.ts";
import { makingStore, withStore } from "../project.ts";
import { databaseRequest } from "../store-place.ts";
import { counted } from "../counted.ts";

const largestExport = 1_000_000_000;

/** `skein export [FILE|-]`. The document has its own `schema_version`. */
export async function exportState(call: Call): Promise<Answer | number> {
  const [file = "-"] = call.args;
  return withStore(call, async ({ skein }) => {
    const text = `${JSON.stringify(await skein.upkeep.export(), null, 2)}\n`;
    if (file === "-") {
      call.io.write(text);
      return 0;
    }
    await writeGiven(file, text, { io: call.io, mayReplace: call.options.flag("yes") });
    const bytes = Buffer.byteLength(text);
    return { data: { file, bytes }, lines: [`Wrote ${String(bytes)} bytes to ${file}.`] };
  });
}

/** `skein import FILE|-`: all or nothing, into a project without state. A database gets a new project only with `--create`. @throws {SkeinError} SKN-5112. */
export async function importState(call: Call): Promise<Answer> {
  const [file = "-"] = call.args;
  const text = await readGiven(file, largestExport, call.io);
  // Said before a store is made.
  refuseOther(file, text);
  if (call.options.flag("dryRun")) {
    return {
      data: { dry_run: true, file },
      lines: ["It looks like an export. Nothing was changed."],
    };
  }
  return leavingNoNewProject(call, async (told) =>
    makingStore(call, async ({ skein }) => {
      const { project } = skein.store;
      told(project);
      const { rows } = await skein.upkeep.import(text);
      return {
        data: { file, rows },
        lines: [`Restored ${counted(rows, "row")} into the project ${project}.`],
      };
    }),
  );
}

/** @throws {SkeinError} SKN-1821 for a text that is no JSON, SKN-1822 for JSON in which parts of an export are missing, SKN-1823 for an export of another version. */
function refuseOther(file: string, text: string): void {
  const head = parseJson(text, file === "-" ? "Standard input" : file);
  if (!isLooseObject(head)) {
    throw new SkeinError(upkeepErrors.importSyntax, {
      message: `${file} is not what \`skein export\` writes: no object in JSON.`,
      facts: { file },
    });
  }
  const version = ownValue(head, "schema_version");
  if (version !== undefined) {
    ensureVersion(version);
  }
  const missing = exportParts.filter((name) => ownValue(head, name) === undefined);
  if (missing.length > 0) {
    throw new SkeinError(upkeepErrors.importShape, {
      message: `${file} is not what \`skein export\` writes: it lacks ${missing.join(", ")}.`,
      facts: { file, missing },
    });
  }
}

/** Does work that may make a project in a database; when it fails, one that was not there before and has nothing in it is taken away again. */
async function leavingNoNewProject<T>(
  call: Call,
  work: (told: (project: string) => void) => Promise<T>,
): Promise<T> {
  const request = call.options.flag("create") ? await databaseRequest(call) : null;
  const before = request === null ? [] : await withDatabase(request, (found) => found.list());
  const made: string[] = [];
  try {
    return await work((project) => {
      made.push(...[project].filter((name) => !before.includes(name)));
    });
  } catch (error) {
    if (request !== null) {
      await removeEmpty(request, made);
    }
    throw error;
  }
}

async function removeEmpty(request: DatabaseRequest, made: readonly string[]): Promise<void> {
  await withDatabase(request, async (projects) => {
    for (const project of made) {
      if ((await projects.remove(project, "count")) === 0) {
        await projects.remove(project, "delete");
      }
    }
  });
}
