import { constants } from "node:fs";
import { open } from "node:fs/promises";

import { SkeinError } from "../../core/base/errors.ts";
import { ownText, parseLooseObject } from "../../core/base/loose-object.ts";
import { cassetteErrors } from "./errors.ts";

/**
 * Begins the recording of one run: a new cassette whose first line keeps the run's seed, from which the same prompts are made again.
 *
 * @throws {SkeinError} SKN-4981 when there is a file already, SKN-7981 when it cannot be written.
 */
export async function beginRecording(path: string, seed: string): Promise<void> {
  const { O_CREAT, O_EXCL, O_WRONLY } = constants;
  try {
    // No folder is made: a mistyped one would be, and below /proc Node tries without end.
    const file = await open(path, O_CREAT | O_EXCL | O_WRONLY, 0o600);
    try {
      await file.writeFile(`${JSON.stringify({ seed })}\n`);
    } finally {
      await file.close();
    }
  } catch (error) {
    const exists = error instanceof Error && "code" in error && error.code === "EEXIST";
    throw new SkeinError(exists ? cassetteErrors.exists : cassetteErrors.notKept, {
      message: exists
        ? `There is a file ${JSON.stringify(path)} already.`
        : `The cassette ${JSON.stringify(path)} cannot be written.`,
      facts: { path },
      cause: error,
    });
  }
}

/** Longer first lines than this hold no seed. */
const headBytes = 1_024;

/** The seed of a recorded run. @throws {SkeinError} SKN-5981 when the file is none of a recording. */
export async function recordedSeed(path: string): Promise<string> {
  const line = await firstLine(path);
  const seed = ownText(parseLooseObject(line) ?? {}, "seed");
  if (seed === null || !/^[\w-]{16,100}$/u.test(seed)) {
    throw new SkeinError(cassetteErrors.noRecording, {
      message: `${JSON.stringify(path)} is no recorded run.`,
      facts: { path },
    });
  }
  return seed;
}

/** Empty where there is no file. */
async function firstLine(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => null);
  if (file === null) {
    return "";
  }
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.toString("utf8", 0, bytesRead).split("\n")[0] ?? "";
  } catch {
    return "";
  } finally {
    await file.close();
  }
}
