import type { Json } from "../../core/base/json.ts";
import { givenFor, overrideNames, readGiven, variableOf } from "../overrides.ts";
import type { Override, SettingOrigin } from "../overrides.ts";
import { defaults } from "./defaults.ts";
import { settingNames } from "./names.ts";
import type { SettingName } from "./names.ts";
import { addedTo, countsAsCommitted, noteOn, whyNoVariable } from "./ranks.ts";
import { shownValue } from "./shown.ts";
import { jsonOf, readSource } from "./source.ts";
import type { ReadSource, SourceText } from "./source.ts";

/** One thing that gives a setting its value. */
export interface Giver {
  /** `committed`: the file as it is on the default branch. */
  readonly origin: SettingOrigin | "committed" | "default";
  /** As `skein.yml:3`, `.env:2` or `SKEIN_LEASES_MINUTES`; null for a default. */
  readonly where: string | null;
  /** What may be shown of the value. */
  readonly value: Json;
}

/** A setting, what it is and why. */
export interface ExplainedSetting extends Giver {
  /** As `leases.minutes`. */
  readonly name: string;
  /** What holds where nobody says anything, where that is no value, in words; null where it is one. */
  readonly words: string | null;
  /** The variable that may set it; null: none does. */
  readonly variable: string | null;
  /** What gives it a value that does not count, the highest rank first. */
  readonly hides: readonly Giver[];
  readonly note: string | null;
}

export interface ExplainRequest extends Override {
  /** The file of the worktree; null: there is none. */
  readonly worktree: SourceText | null;
  /** The file as committed on the default branch; null: there is none. */
  readonly committed: SourceText | null;
}

/** Tells every setting's value and where it comes from. @throws {SkeinError} SKN-2001 to SKN-2006 for a file that is wrong. */
export function explainSettings(request: ExplainRequest): readonly ExplainedSetting[] {
  const { worktree, committed, env } = request;
  const sources = {
    worktree: worktree === null ? null : readSource(worktree, env),
    committed: committed === null ? null : readSource(committed, env),
  };
  const written = [sources.worktree?.written, sources.committed?.written];
  return settingNames(written).map((name) => explained(name, sources, request));
}

interface Sources {
  readonly worktree: ReadSource | null;
  readonly committed: ReadSource | null;
}

function explained(
  { path, pattern }: SettingName,
  sources: Sources,
  override: Override,
): ExplainedSetting {
  const name = path.join(".");
  const [first, ...hides] = giversOf({ name, path, pattern }, sources, override);
  const usual = defaults[pattern] ?? { words: "none" };
  const giver: Giver = first ?? {
    origin: "default",
    where: null,
    value: "value" in usual ? usual.value : null,
  };
  return {
    name,
    ...giver,
    words: first === undefined && "words" in usual ? usual.words : null,
    variable:
      overrideNames.includes(name) && whyNoVariable(name) === null ? variableOf(name) : null,
    hides,
    note: waitingNote({ name, path, pattern }, sources, giver) ?? noteOn(name, first !== undefined),
  };
}

type Named = SettingName & { readonly name: string };

/** All that gives a setting a value, the highest rank first. */
function giversOf(
  { name, path, pattern }: Named,
  sources: Sources,
  override: Override,
): readonly Giver[] {
  const outside = whyNoVariable(name) === null ? givenFor(name, override) : [];
  const isCommitted = countsAsCommitted(name);
  const written = (isCommitted ? sources.committed : sources.worktree)?.at(path);
  const file: readonly Giver[] =
    written === undefined
      ? []
      : [
          {
            origin: isCommitted ? "committed" : "file",
            where: written.where,
            value: shownValue(pattern, written.value),
          },
        ];
  return [
    ...outside.map((given): Giver => ({
      origin: given.origin,
      where: given.where,
      value: shownValue(pattern, jsonOf(readGiven(given))),
    })),
    ...file,
  ];
}

/** What the worktree's file says beyond what is committed. */
function waitingNote(
  { name, path, pattern }: Named,
  { worktree, committed }: Sources,
  giver: Giver,
): string | null {
  if (!countsAsCommitted(name)) {
    return null;
  }
  const [here, there] = [worktree?.at(path), committed?.at(path)];
  if (JSON.stringify(here?.value) === JSON.stringify(there?.value)) {
    return null;
  }
  return here === undefined
    ? `The worktree's file does not say it; ${giver.where ?? "the default"} counts until that is committed on the default branch.`
    : `${here.where} says ${JSON.stringify(shownValue(pattern, here.value))}; ${addedTo.has(name) ? "that counts as well" : "it counts once it is committed on the default branch"}.`;
}
