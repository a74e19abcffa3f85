import { SkeinError } from "../base/errors.ts";
import type { ErrorEntry } from "../base/errors.ts";
import { leaseErrors } from "./errors.ts";
import { segmentTexts } from "./glob.ts";

/** The longest pattern, in bytes of UTF-8. */
export const maxPathBytes = 1_024;

/**
 * Checks the characters of a path, but not its names, and brings it into its one form: NFC, without `.` segments and doubled slashes. A path of the
 * whole repository becomes the empty text.
 *
 * @throws {SkeinError} SKN-1501, SKN-1502, SKN-1503, SKN-1507.
 */
export function normalizePath(written: string): string {
  refuseLength(written);
  const text = written.normalize("NFC");
  refuseLength(text);
  refuseWhen(isUnshowable(text), leaseErrors.pathCharacter, text);
  refuseWhen(text.startsWith("/"), leaseErrors.pathOutside, text);
  const path = segmentTexts(text).join("/");
  checkStart(path, text);
  return path;
}

/**
 * Refuses a path, or an alternative of a glob, that begins or climbs outside the repository, or is a negation.
 *
 * @throws {SkeinError} SKN-1502 or SKN-1507.
 */
export function checkStart(path: string, written: string): void {
  const isOutside = outside.test(path) || path.split("/").includes("..");
  refuseWhen(isOutside, leaseErrors.pathOutside, written);
  refuseWhen(path.startsWith("!"), leaseErrors.negation, written);
}

/**
 * Refuses names that lead out of the tree, into git's own folder, or to another file than they say on some system.
 *
 * @throws {SkeinError} SKN-1502 or SKN-1504.
 */
export function checkName(name: string, path: string): void {
  refuseWhen(name === "..", leaseErrors.pathOutside, path);
  refuseWhen(refusedNames.test(name), leaseErrors.pathName, path);
}

/** Absolute, home, drive letter, or with a backslash. */
const outside = /^(?:\/|~(?:\/|$)|[A-Za-z]:)|\\/u;

/** Most paths are like this. The properties of characters take a millisecond to load, which is much of a hook. */
const plain = /^[ -~]*$/u;

/** True for controls, line separators, what is invisible or changes direction, and surrogates that stand alone. */
function isUnshowable(text: string): boolean {
  return (
    !plain.test(text) &&
    /[\p{Cc}\p{Surrogate}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/u.test(text)
  );
}

/** Git's folder and its short name, devices of Windows, names that Windows shortens, alternate streams. */
const refusedNames =
  /^(?:\.git|git~\d+|con|prn|aux|nul|com[0-9\u{B9}\u{B2}\u{B3}]|lpt[0-9\u{B9}\u{B2}\u{B3}]|conin\$|conout\$)[. :]*$|[. ]$|::|:\$/iu;

function refuseLength(text: string): void {
  // A character has three bytes at most.
  const isLong =
    text.length * 3 > maxPathBytes && new TextEncoder().encode(text).length > maxPathBytes;
  if (text === "" || isLong) {
    throw new SkeinError(leaseErrors.pathLength, {
      message: isLong
        ? `The path \`${text.slice(0, 40)}…\` is longer than ${String(maxPathBytes)} bytes.`
        : "The path is empty.",
      facts: { length: text.length, limit: maxPathBytes },
    });
  }
}

function refuseWhen(isBad: boolean, entry: ErrorEntry, path: string): void {
  if (isBad) {
    throw new SkeinError(entry, {
      message: `${entry.title.slice(0, -1)}: ${JSON.stringify(showable(path))}.`,
      facts: { path: showable(path) },
    });
  }
}

/** The text with every character that cannot be shown written as its number. */
function showable(text: string): string {
  return Array.from(text, (character) =>
    isUnshowable(character)
      ? `<${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}>`
      : character,
  ).join("");
}
