import type { Json, JsonObject } from "../../core/base/json.ts";
import type { ExplainedSetting, Giver } from "../../settings/explain/explain.ts";
import type { DotEnv } from "../../worktree-settings.ts";
import { tableLines } from "../output.ts";
import { clip } from "../views.ts";
import type { PlaceRow } from "./places.ts";
import type { SetVariable } from "./variables.ts";

/** Something that names Skein and does not count. */
export interface LeftOutRow {
  readonly name: string;
  /** As `.env:3`. */
  readonly where: string;
  readonly why: string;
}

/** Everything that decides how Skein works here. */
export interface Explained {
  readonly settings: readonly ExplainedSetting[];
  /** False where only some settings were asked for: people are then shown nothing else. */
  readonly isWhole: boolean;
  /** Relative to the root. */
  readonly worktreeFile: string | null;
  /** As `main:skein.yml`. */
  readonly committedFile: string | null;
  readonly dotEnv: DotEnv;
  readonly places: readonly PlaceRow[];
  readonly variables: readonly SetVariable[];
  readonly leftOut: readonly LeftOutRow[];
}

export function explainedData(explained: Explained): JsonObject {
  const { settings, worktreeFile, committedFile, dotEnv, places, variables, leftOut } = explained;
  return {
    files: {
      worktree: worktreeFile,
      committed: committedFile,
      dotenv: { state: dotEnv.state, why: dotEnv.why },
    },
    settings: settings.map((setting) => ({
      name: setting.name,
      ...giverData(setting),
      default: setting.words,
      variable: setting.variable,
      hides: setting.hides.map(giverData),
      note: setting.note,
    })),
    places: places.map((place) => ({ ...place })),
    variables: variables.map(({ name, means, isSet, shown }) => ({
      name,
      means,
      set: isSet,
      value: shown,
    })),
    left_out: leftOut.map((row) => ({ ...row })),
  };
}

function giverData({ value, origin, where }: Giver): JsonObject {
  return { value, origin, where };
}

export function explainedLines(explained: Explained): readonly string[] {
  const { settings, isWhole, dotEnv } = explained;
  const rows = settings.map((setting) => [setting.name, valueText(setting), fromText(setting)]);
  return [
    ...(isWhole ? [...fileLines(explained), ""] : []),
    ...(isWhole || dotEnv.why === null ? [] : [dotEnvLine(dotEnv), ""]),
    ...tableLines(["SETTING", "VALUE", "FROM"], rows),
    ...section("Notes", settings.flatMap(noteLines)),
    ...(isWhole ? surroundings(explained) : []),
  ];
}

function fileLines({ worktreeFile, committedFile, dotEnv }: Explained): readonly string[] {
  return [
    "A flag counts before a variable, that before .env, that before the file, that before the default.",
    `In this worktree: ${worktreeFile ?? "no skein.yml"}`,
    `On the default branch, for what counts as committed: ${committedFile ?? "no skein.yml"}`,
    dotEnvLine(dotEnv),
  ];
}

function dotEnvLine({ state, why }: DotEnv): string {
  return why === null ? `.env: ${state}` : `.env: not read. ${why}`;
}

function surroundings({ places, variables, leftOut }: Explained): readonly string[] {
  const set = variables.filter(({ isSet }) => isSet);
  return [
    ...section("Where things are", tableLines(["WHAT", "WHERE", "FROM"], places.map(placeRow))),
    ...section(
      "Variables of this machine",
      set.length === 0
        ? ["none"]
        : set.map(({ name, shown, means }) => `${name}=${clip(shown ?? "", 60)}  (${means})`),
    ),
    ...section(
      "Does not count",
      leftOut.map(({ name, where, why }) => `${where}  ${name}: ${why}`),
    ),
  ];
}

function placeRow({ name, value, origin, where, note }: PlaceRow): readonly string[] {
  return [name, value ?? "none", [originText(origin, where), note].filter(Boolean).join("; ")];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", `${title}:`, ...lines.map((line) => `  ${line}`)];
}

function valueText({ value, words }: ExplainedSetting): string {
  return words === null ? clip(shortText(value), 60) : `(${words})`;
}

function shortText(value: Json): string {
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) {
    return value.length === 0 ? "none" : value.join(", ");
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}

function fromText({ origin, where, hides }: ExplainedSetting): string {
  const over = hides.map((each) => `${each.where ?? ""} (${clip(shortText(each.value), 30)})`);
  const from = originText(origin, where);
  return over.length === 0 ? from : `${from}, over ${over.join(", ")}`;
}

const said: Readonly<Record<string, string>> = {
  env: "environment ",
  init: "skein init, in ",
};

function originText(origin: Giver["origin"] | PlaceRow["origin"], where: string | null): string {
  return `${said[origin] ?? ""}${where ?? origin}`;
}

function noteLines({ name, note }: ExplainedSetting): readonly string[] {
  return note === null ? [] : [`${name}: ${note}`];
}
