import { createHmac } from "node:crypto";
import { join } from "node:path";

import {
  beginRecording,
  cassetteErrors,
  createAnswerCache,
  createCassetteFile,
  recordedSeed,
} from "./adapters/models/index.ts";
import { systemRandom } from "./adapters/process/clock.ts";
import { SkeinError } from "./core/base/errors.ts";
import { randomToken } from "./core/base/ids.ts";
import { ModelError } from "./core/models/index.ts";
import type { LanguageModel, ModelsDeps } from "./core/models/index.ts";
import type { Reviewing } from "./core/review/index.ts";

/** The answers of earlier runs, given again to a run that is the same. */
export interface KeptAnswers {
  readonly tape: NonNullable<ModelsDeps["tape"]>;
  /** The seed of a run's prompts from all that the prompts are made of: the same for the same, and known to nobody who does not know the secret. */
  readonly seedOf: (material: string) => string;
}

/** The folder of a project's kept answers. */
function answersIn(storeDir: string): string {
  return join(storeDir, "answers");
}

/**
 * Opens the answers that a project has kept; null where its folder cannot be used. What is too old is deleted.
 *
 * @param salt what else must be the same, as the providers' addresses.
 */
export async function openAnswers(
  storeDir: string,
  { maxAgeMs, salt }: { readonly maxAgeMs: number; readonly salt: string },
): Promise<KeptAnswers | null> {
  const cache = createAnswerCache({ folder: answersIn(storeDir), maxAgeMs });
  const secret = await cache.secret().catch(() => null);
  if (secret === null) {
    return null;
  }
  await cache.prune();
  return {
    tape: { cassette: cache, mode: "cache" },
    seedOf: (material) =>
      createHmac("sha256", secret)
        .update(JSON.stringify([salt, material]))
        .digest("hex"),
  };
}

/** Deletes the answers that a project has kept for too long; tells how many went. */
export async function pruneAnswers(storeDir: string, maxAgeMs: number): Promise<number> {
  return createAnswerCache({ folder: answersIn(storeDir), maxAgeMs }).prune();
}

/** Whether the answers of one run are kept in a file, or come from it. */
export interface RecordingAsk {
  readonly mode: "record" | "replay";
  /** An absolute path. */
  readonly file: string;
}

/** The recording of one run. */
export interface Recording {
  readonly tape: NonNullable<ModelsDeps["tape"]>;
  /** Of the prompts: the same one makes the same prompts. */
  readonly seed: string;
  /** Makes the file of a recording, before the first call. @throws {SkeinError} SKN-4981, SKN-7981. */
  begin(): Promise<void>;
  /** Notes what the recording did not hold. */
  watch(next: LanguageModel): LanguageModel;
  /** @throws {SkeinError} SKN-5982 when a prompt of a replay was not recorded. */
  check(): void;
}

/**
 * Opens a recording, to record into a new file or to replay an existing one.
 *
 * @throws {SkeinError} SKN-5981 when there is nothing to replay.
 */
export async function openRecording({ mode, file }: RecordingAsk): Promise<Recording> {
  const seed = mode === "replay" ? await recordedSeed(file) : randomToken(systemRandom);
  const missing: string[] = [];
  return {
    tape: { cassette: createCassetteFile(file), mode },
    seed,
    begin: async () => (mode === "record" ? beginRecording(file, seed) : undefined),
    watch: (next) =>
      mode === "record"
        ? next
        : { generate: async (request) => next.generate(request).catch(note(missing)) },
    check: () => {
      const [message] = missing;
      if (message !== undefined) {
        throw new SkeinError(cassetteErrors.notRecorded, {
          message,
          facts: { file, missing: missing.length },
        });
      }
    },
  };
}

/** A replay sends nothing: the one request that it finds bad is one without an answer. */
function note(missing: string[]): (error: unknown) => never {
  return (error) => {
    if (error instanceof ModelError && error.fault === "bad_request") {
      missing.push(error.message);
    }
    throw error;
  };
}

/** Reviews under a recording: its file is made before the first call, and a replay that lacks an answer fails. */
export function recorded(
  recording: Recording | null,
  reviewingOn: (port: LanguageModel) => Reviewing,
  port: LanguageModel,
): Reviewing {
  if (recording === null) {
    return reviewingOn(port);
  }
  const reviewing = reviewingOn(recording.watch(port));
  return {
    estimate: async (request) => reviewing.estimate(request),
    start: async (request) => {
      await recording.begin();
      const { id, done } = await reviewing.start(request);
      return { id, done: done.finally(() => recording.check()) };
    },
  };
}
