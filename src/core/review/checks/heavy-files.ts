import type { ChangedFile } from "../change.ts";
import { addedTexts } from "../diff/lines.ts";
import { faultOfFile } from "./check.ts";
import type { Fault } from "./check.ts";

export interface HeavyFileOptions {
  /** Added characters beyond which a file is oversized. Default: 1 000 000. */
  readonly maxAddedChars?: number | undefined;
}

const defaultMaxAddedChars = 1_000_000;

/** People look at these, and code cannot hide in them for long. */
const media =
  /\.(?:png|jpe?g|gif|webp|avif|ico|icns|bmp|woff2?|ttf|otf|eot|mp[34]|webm|ogg|wav)$/iu;

/** These are run or unpacked by somebody. */
const program =
  /\.(?:exe|dll|so(?:\.\d+)*|dylib|jar|war|class|pyc|wasm|node|o|a|lib|bin|msi|deb|rpm|apk|dmg|zip|tar|t?gz|bz2|xz|zst|7z|rar|whl|gem|nupkg)$/iu;

/** Finds added or changed binary files, pictures and fonts excepted, and files that grow beyond measure: nobody can review them. */
export function findHeavyFiles(
  files: readonly ChangedFile[],
  { maxAddedChars = defaultMaxAddedChars }: HeavyFileOptions = {},
): readonly Fault[] {
  return files.flatMap((file) => {
    if (file.kind === "deleted") {
      return [];
    }
    return file.isBinary ? binaryFault(file) : oversizedFault(file, maxAddedChars);
  });
}

function binaryFault(file: ChangedFile): readonly Fault[] {
  if (media.test(file.path)) {
    return [];
  }
  const isProgram = program.test(file.path);
  return [
    faultOfFile(file, {
      severity: isProgram ? "medium" : "low",
      category: isProgram ? "security" : "resource",
      title: isProgram
        ? "A binary that can be run or unpacked is committed"
        : "A binary file is committed",
      body: "No reviewer can read it, and the history keeps it for ever. Build or fetch it instead, with a checksum.",
    }),
  ];
}

function oversizedFault(file: ChangedFile, maxAddedChars: number): readonly Fault[] {
  const chars = addedTexts(file).reduce((sum, { length }) => sum + length + 1, 0);
  if (chars <= maxAddedChars) {
    return [];
  }
  return [
    faultOfFile(file, {
      severity: "low",
      category: "resource",
      title: "An oversized file is committed",
      body: `The change adds ${String(chars)} characters to it, more than ${String(maxAddedChars)}; nobody can review that. Generate or fetch it instead.`,
    }),
  ];
}
