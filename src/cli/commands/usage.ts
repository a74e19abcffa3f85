import { resolve, sep } from "node:path";

import { locateRepository } from "../../adapters/git/index.ts";
import type { Repository } from "../../adapters/git/index.ts";
import {
  findTranscripts,
  readTranscript,
  readTranscriptHead,
  transcriptFolders,
} from "../../adapters/transcripts/index.ts";
import type { OpenProject } from "../../compose.ts";
import { SkeinError } from "../../core/base/errors.ts";
import type { Actor } from "../../core/base/ids.ts";
import { exactUsd } from "../../core/costs/index.ts";
import { importUsage } from "../../core/index.ts";
import type { Answer, Call } from "../command.ts";
import { cliErrors } from "../errors.ts";
import { whoCalls, withProject } from "../project.ts";
import { parseSince } from "../since.ts";
import { usd } from "../views.ts";
import { counted } from "../counted.ts";

/** What came of one file. */
interface Imported {
  readonly file: string;
  readonly host: string;
  readonly uses: number;
  readonly microUsd: number;
  readonly absorbedMicroUsd: number;
  readonly faults: number;
}

/** `skein usage import`: counts what the records of Claude Code and Codex say was used; each answer once. */
export async function importUsageFiles(call: Call): Promise<Answer> {
  return withProject(call, async (project) => {
    const { actor } = await whoCalls(call, project);
    const files = call.args.length === 0 ? await found(call, project) : named(call);
    const imported: Imported[] = [];
    for (const file of files) {
      imported.push(await importFile(project, file, actor));
    }
    return answerOf(
      imported.filter(({ uses, faults }) => uses + faults > 0),
      files.length,
    );
  });
}

/** @throws {SkeinError} SKN-1008 for a file that cannot be read. */
async function importFile({ skein }: OpenProject, file: string, actor: Actor): Promise<Imported> {
  const transcript = readTranscript(file);
  if (transcript === null) {
    throw new SkeinError(cliErrors.unreadableFile, {
      message: `${file} cannot be read, or there is nothing in it.`,
      fix: "Name a record of Claude Code or Codex (a .jsonl file), or none to have them found.",
      facts: { file },
    });
  }
  const measured = await importUsage(skein, { transcript, session: null, actor });
  return {
    file,
    host: transcript.host,
    uses: measured.uses,
    microUsd: measured.spends.reduce((sum, { microUsd }) => sum + microUsd, 0),
    absorbedMicroUsd: measured.absorbedMicroUsd,
    faults: transcript.faults,
  };
}

function named({ args, io }: Call): readonly string[] {
  return args.map((file) => resolve(io.cwd, file));
}

/** Records of sessions that stood in this repository, in any of its worktrees. */
async function found(
  { options, io }: Call,
  { skein, repository }: OpenProject,
): Promise<readonly string[]> {
  const nowMs = await skein.store.read((reader) => Promise.resolve(reader.nowMs));
  const sinceMs = parseSince(options.text("since") ?? "30d", nowMs);
  const places = new Map<string, boolean>();
  return findTranscripts(transcriptFolders(io.env), sinceMs).filter((file) => {
    const cwd = readTranscriptHead(file)?.cwd ?? null;
    if (cwd === null) {
      return false;
    }
    const isHere = places.get(cwd) ?? isIn(repository, cwd);
    places.set(cwd, isHere);
    return isHere;
  });
}

/** A worktree that is gone is known by its path alone. */
function isIn({ root, commonDir }: Repository, cwd: string): boolean {
  const isBelow = cwd === root || cwd.startsWith(root + sep);
  return isBelow || locateRepository(cwd)?.commonDir === commonDir;
}

function answerOf(imported: readonly Imported[], files: number): Answer {
  const sum = (key: "uses" | "microUsd" | "absorbedMicroUsd" | "faults"): number =>
    imported.reduce((total, each) => total + each[key], 0);
  const [uses, microUsd, absorbed, faults] = [
    sum("uses"),
    sum("microUsd"),
    sum("absorbedMicroUsd"),
    sum("faults"),
  ];
  return {
    data: {
      files,
      uses,
      usd: usd(microUsd),
      reported_before_usd: usd(absorbed),
      faults,
      imported: imported.map((each) => ({
        file: each.file,
        host: each.host,
        uses: each.uses,
        usd: usd(each.microUsd),
        reported_before_usd: usd(each.absorbedMicroUsd),
        faults: each.faults,
      })),
    },
    lines: [
      `Counted ${counted(uses, "new answer")} of models in ${counted(files, "record")}: ${exactUsd(microUsd)} USD.`,
      ...(absorbed === 0
        ? []
        : [`Another ${exactUsd(absorbed)} USD had been reported before and is not charged again.`]),
      ...(faults === 0
        ? []
        : [
            `${counted(faults, "line")} ${faults === 1 ? "tells" : "tell"} counts that cannot be believed.`,
          ]),
    ],
  };
}
