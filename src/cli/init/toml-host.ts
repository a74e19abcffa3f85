import type { SkeinError } from "../../core/base/errors.ts";
import { isLooseObject, ownValue } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { besideBlock, removeBlock, setBlock } from "./marked-block.ts";
import type { IsText } from "./marked-block.ts";
import { serverKeys } from "./toml-block.ts";
import { holdsWish, isRenewed, isSameBeside, serverIn } from "./toml-data.ts";
import { lineOfEntry } from "./toml-entry.ts";
import { blocksIn, checkMarks, strayBelow, textsOf } from "./toml-marks.ts";
import type { Block } from "./toml-marks.ts";
import { mixed, notToml, taken, tomlFault } from "./toml-refusals.ts";
import { readToml } from "./toml.ts";
import type { TomlReading } from "./toml.ts";

/**
 * A text of TOML with Skein's lines between their marks. What others put between the marks stays: further settings of the server `skein`
 * there, but for one that turns it off, all else above or below.
 *
 * @throws {SkeinError} SKN-2094 with line and column where the rest is no TOML, SKN-2093 where it leaves no place for Skein's lines.
 */
export function withLines(label: string, text: string | null, lines: readonly string[]): string {
  const before = text ?? "";
  const isText = textsOf(label, before, "init");
  checkMarks(label, before, isText);
  const wished = tableOf(readToml(lines.join("\n")));
  // Whoever runs `init` wants the server: what turns it off in Skein's own lines does not stay there.
  const own = new Set(["enabled", ...Object.keys(serverIn(wished))]);
  const block = blocksIn(before, isText, own)[0] ?? null;
  const form = { isText, lineEnd: lineEndOf(before) };
  const after = setBlock(before, lines, {
    ...form,
    above: block?.above,
    within: block?.server,
    below: block?.below,
  });
  const whole = readToml(after);
  checkBeside({ label, before, isText, block }, whole);
  const bare = setBlock(before, ["[mcp_servers.skein]"], form);
  if (!isAsWished({ before, bare, whole, wished })) {
    throw mixed(label, block?.line ?? null);
  }
  return after;
}

interface Host {
  readonly label: string;
  readonly before: string;
  readonly isText: IsText;
  readonly block: Block | null;
}

/** Refuses a text that is no TOML beside Skein's lines, or sets up a server `skein` there. */
function checkBeside(host: Host, whole: TomlReading): void {
  const { label, before, isText, block } = host;
  const beside = besideBlock(before, isText);
  const reading = readToml(beside);
  if (reading.kind === "fault") {
    throw strayRefusal(host) ?? notToml(label, reading.faults);
  }
  const servers = ownValue(reading.table, "mcp_servers");
  const faultLine = lineOfFault(whole);
  if (takesNone(servers) || (faultLine !== null && !hasStrangers(block))) {
    throw taken(label, servers, lineOfEntry(beside, "mcp_servers", "skein") ?? faultLine);
  }
}

/** What keeps a text that is well from being read without Skein's lines: a setting below them, whose name stands above as well. */
function strayRefusal({ label, before, block }: Host): SkeinError | null {
  const stray = strayBelow(before, block === null ? [] : [block]);
  return stray === null || tomlFault(label, before) !== null ? null : mixed(label, stray);
}

function lineOfFault(reading: TomlReading): number | null {
  return reading.kind === "fault" ? (reading.faults[0]?.line ?? null) : null;
}

function hasStrangers(block: Block | null): boolean {
  return block !== null && block.line !== null;
}

/** True where no table `skein` can be added, or one stands there. */
function takesNone(servers: unknown): boolean {
  return servers !== undefined && (!isLooseObject(servers) || Object.hasOwn(servers, "skein"));
}

interface Written {
  readonly before: string;
  /** With nothing but its head in the place of Skein's table: what Skein wrote there may be what is no TOML. */
  readonly bare: string;
  readonly whole: TomlReading;
  readonly wished: LooseObject;
}

/** True where the text says what it said, and of the server what is wished. */
function isAsWished({ before, bare, whole, wished }: Written): boolean {
  if (whole.kind === "fault" || !holdsWish(whole.table, wished)) {
    return false;
  }
  const reading = readToml(before);
  return reading.kind === "read"
    ? isSameBeside(reading.table, whole.table) && isRenewed(reading.table, whole.table, wished)
    : isSameBeside(tableOf(readToml(bare)), whole.table);
}

/** Nothing of what cannot be read. */
function tableOf(reading: TomlReading): LooseObject {
  return reading.kind === "read" ? reading.table : {};
}

/**
 * The text without Skein's lines, and with all that others put between them but settings of the server `skein`; it need be no TOML.
 *
 * @throws {SkeinError} SKN-2093 where one of their marks is lost or nobody knows what is Skein's, SKN-2094 where a quote or bracket that
 * is not closed leaves open what stands in it.
 */
export function withoutLines(label: string, text: string): string {
  const isText = textsOf(label, text, "remove");
  checkMarks(label, text, isText);
  const blocks = blocksIn(text, isText, serverKeys);
  checkBlocks(label, text, blocks);
  const left = blocks.reduceRight(
    (rest, { place, above, comments, below }) =>
      removeBlock(rest, { place, above, below: comments + below }),
    text,
  );
  if (blocks.length > 0 && !saysTheRest(text, left, blocks)) {
    const line = blocks.find((block) => block.line !== null)?.line ?? null;
    const outside = lineOfEntry(besideBlock(text, isText), "mcp_servers", "skein");
    throw mixed(label, line ?? outside ?? strayBelow(text, blocks));
  }
  return left;
}

/** Refuses blocks of which nobody can tell what is whose. */
function checkBlocks(label: string, text: string, blocks: readonly Block[]): void {
  for (const { settingLine, isOpen } of blocks) {
    const fault = isOpen ? tomlFault(label, text) : null;
    if (fault !== null || settingLine !== null) {
      throw fault ?? mixed(label, settingLine);
    }
  }
}

/** True where a text says without Skein's lines what it said beside them. */
function saysTheRest(text: string, left: string, blocks: readonly Block[]): boolean {
  const before = readToml(text);
  const after = readToml(left);
  if (before.kind === "fault" || after.kind === "fault") {
    return before.kind === "fault";
  }
  const isGone = Object.keys(serverIn(after.table)).length === 0;
  return isGone && (isSameBeside(before.table, after.table) || strayBelow(text, blocks) !== null);
}

function lineEndOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}
