import {
  beginRecording,
  cassetteErrors,
  createCassetteFile,
  recordedSeed,
} from "./adapters/models/index.ts";
import { systemRandom } from "./adapters/process/clock.ts";
import { SkeinError } from "./core/base/errors.ts";
import { randomToken } from "./core/base/ids.ts";
import { ModelError } from "./core/models/index.ts";
import type { LanguageModel, ModelsDeps } from "./core/models/index.ts";

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
