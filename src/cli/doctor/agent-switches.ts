import { join } from "node:path";
import { isLooseObject, ownValue } from "../../core/base/loose-object.ts";
import { readableText } from "../init/agent-file.ts";
import { nodeAt } from "../init/json-edit.ts";
import { readJsonc, toData } from "../init/jsonc.ts";
import { namesIn } from "../init/toml-entry.ts";
import type { TomlName } from "../init/toml-entry.ts";
import { readToml } from "../init/toml.ts";
import { trouble } from "./finding.ts";
import type { Finding } from "./finding.ts";

type Off = "hooks" | "server" | "tools";

/** A setting of an agent program that turns off what Skein has put there. */
interface Switch {
  readonly files: readonly string[];
  readonly at: readonly string[];
  readonly off: Off;
  isOff(value: unknown): boolean;
}

const claude = [".claude/settings.json", ".claude/settings.local.json"];
const opencode = ["opencode.json", "opencode.jsonc"];
const codex = [".codex/config.toml"];
const gemini = [".gemini/settings.json"];
const cursor = [".cursor/mcp.json"];
const vscode = [".vscode/settings.json"];

const isFalse = (value: unknown): boolean => value === false;
const isTrue = (value: unknown): boolean => value === true;

const switches: readonly Switch[] = [
  { files: claude, at: ["disableAllHooks"], off: "hooks", isOff: isTrue },
  { files: claude, at: ["disabledMcpjsonServers"], off: "server", isOff: namesServer },
  { files: claude, at: ["permissions", "deny"], off: "tools", isOff: deniesTools },
  { files: codex, at: ["features", "hooks"], off: "hooks", isOff: isFalse },
  { files: codex, at: ["features", "codex_hooks"], off: "hooks", isOff: isFalse },
  { files: codex, at: ["mcp_servers", "skein", "enabled"], off: "server", isOff: isFalse },
  { files: codex, at: ["mcp_servers", "skein", "enabled_tools"], off: "tools", isOff: isList },
  { files: codex, at: ["mcp_servers", "skein", "disabled_tools"], off: "tools", isOff: isList },
  { files: gemini, at: ["hooksConfig", "enabled"], off: "hooks", isOff: isFalse },
  { files: gemini, at: ["mcp", "excluded"], off: "server", isOff: namesServer },
  { files: gemini, at: ["mcp", "allowed"], off: "server", isOff: namesOthers },
  { files: gemini, at: ["mcpServers", "skein", "includeTools"], off: "tools", isOff: isList },
  { files: gemini, at: ["mcpServers", "skein", "excludeTools"], off: "tools", isOff: isList },
  { files: opencode, at: ["mcp", "skein", "enabled"], off: "server", isOff: isFalse },
  { files: opencode, at: ["tools"], off: "tools", isOff: turnsToolsOff },
  { files: opencode, at: ["permission"], off: "tools", isOff: turnsToolsOff },
  { files: cursor, at: ["mcpServers", "skein", "disabled"], off: "server", isOff: isTrue },
  { files: vscode, at: ["chat.mcp.access"], off: "server", isOff: (value) => value === "none" },
  { files: vscode, at: ["chat.mcp.enabled"], off: "server", isOff: isFalse },
];

/** Looks for settings of agent programs that turn off what `init` put there; a file that cannot be read is told elsewhere. */
export function examineSwitches(root: string): readonly Finding[] {
  const files = [...new Set(switches.flatMap((each) => each.files))];
  return files.flatMap((file) => {
    const text = readableText(join(root, file));
    return text === null ? [] : switchesIn(file, text, file);
  });
}

/** The same in the text of one file, which may stand elsewhere than in the repository. */
export function switchesIn(file: string, text: string, label: string): readonly Finding[] {
  const settings = settingsIn(file, text);
  return settings === null
    ? []
    : switches
        .filter((each) => each.files.includes(file) && each.isOff(settings.valueAt(each.at)))
        .map(({ at, off }) => turnedOff({ file: label, at, off, line: settings.lineOf(at) }));
}

interface SettingsIn {
  valueAt(path: readonly string[]): unknown;
  /** From 1; null where no line says it by itself. */
  lineOf(path: readonly string[]): number | null;
}

function settingsIn(file: string, text: string): SettingsIn | null {
  return file.endsWith(".toml") ? tomlIn(text) : jsonIn(text);
}

function jsonIn(text: string): SettingsIn | null {
  const reading = readJsonc(text);
  if (reading.kind === "fault") {
    return null;
  }
  const { root } = reading;
  return {
    valueAt: (path) => {
      const node = nodeAt(root, path);
      return node === null ? undefined : toData(node);
    },
    lineOf: (path) => {
      const node = nodeAt(root, path);
      return node === null ? null : text.slice(0, node.start).split("\n").length;
    },
  };
}

function tomlIn(text: string): SettingsIn | null {
  const reading = readToml(text);
  if (reading.kind === "fault") {
    return null;
  }
  return {
    valueAt: (path) => path.reduce<unknown>(valueUnder, reading.table),
    lineOf: (path) => lineNaming(namesIn(text), path),
  };
}

/** A value in braces stands on the line of a key above it. */
function lineNaming(names: readonly TomlName[], path: readonly string[]): number | null {
  const found = names.find((name) => name.path.join("\0") === path.join("\0"));
  return found !== undefined || path.length <= 1
    ? (found?.line ?? null)
    : lineNaming(names, path.slice(0, -1));
}

function valueUnder(value: unknown, key: string): unknown {
  return isLooseObject(value) ? ownValue(value, key) : undefined;
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

function isList(value: unknown): boolean {
  return Array.isArray(value);
}

function namesServer(value: unknown): boolean {
  return textsOf(value).includes("skein");
}

function namesOthers(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && !namesServer(value);
}

function deniesTools(value: unknown): boolean {
  return textsOf(value).some((rule) => /^mcp__skein(?:__|$)/u.test(rule));
}

/** Each key is a tool's name, or a pattern of such. */
function turnsToolsOff(value: unknown): boolean {
  return (
    isLooseObject(value) &&
    Object.entries(value).some(
      ([name, rule]) => /^skein[_*]/u.test(name) && (rule === false || rule === "deny"),
    )
  );
}

const effects: Readonly<Record<Off, string>> = {
  hooks: "the hooks of this program do not run",
  server: "the server of this program does not run",
  tools: "some of Skein's tools, or all, are kept from its agents",
};

const reasons: Readonly<Record<Off, string>> = {
  hooks: "Edits of files that others hold are then stopped at the commit, and not before.",
  server: "Its agents then see no board and get no tasks.",
  tools: "Its agents then cannot do what Skein tells them to.",
};

interface TurnedOff {
  readonly file: string;
  readonly at: readonly string[];
  readonly off: Off;
  readonly line: number | null;
}

function turnedOff({ file, at, off, line }: TurnedOff): Finding {
  const where = line === null ? "" : ` in line ${String(line)}`;
  return trouble("warn", "agent-off", {
    what: `${file} turns off what is Skein's by \`${at.join(".")}\`${where}: ${effects[off]}.`,
    why: reasons[off],
    fix: `Take it out of ${file}.`,
  });
}
