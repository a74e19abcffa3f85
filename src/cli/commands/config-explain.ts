import { readFileSync } from "node:fs";
import { join } from "node:path";

import { createGit, defaultBranch, readCommitted } from "../../adapters/git/index.ts";
import { needRepository } from "../../compose.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { nearest } from "../../core/base/nearest.ts";
import { settingsFiles } from "../../settings.ts";
import { explainSettings } from "../../settings/explain/explain.ts";
import type { ExplainedSetting } from "../../settings/explain/explain.ts";
import { whyNoVariable } from "../../settings/explain/ranks.ts";
import { shownReference } from "../../settings/explain/shown.ts";
import type { SourceText } from "../../settings/explain/source.ts";
import { overrideNames, variableOf } from "../../settings.ts";
import { loadWorktreeSettings } from "../../worktree-settings.ts";
import type { DotEnv, WorktreeSettings } from "../../worktree-settings.ts";
import type { Answer, Call } from "../command.ts";
import { explainedData, explainedLines } from "../config/views.ts";
import type { Explained, LeftOutRow } from "../config/views.ts";
import { readPlaces } from "../config/places.ts";
import { readVariables } from "../config/variables.ts";
import { cliErrors } from "../errors.ts";

/** `skein config explain [SETTING]`: works without a ledger, and opens none. */
export async function explainConfig(call: Call): Promise<Answer> {
  const { io, args, options } = call;
  const { env } = io;
  const repository = needRepository(io.cwd);
  const loaded = await loadWorktreeSettings({ root: repository.root, env });
  const { dotEnv, settings } = loaded;
  const committed = await committedSource(repository.root, env);
  const all = explainSettings({
    worktree: worktreeSource(repository.root, loaded),
    committed,
    env,
    flags: {},
    dotEnv: dotEnv.values,
  });
  const explained: Explained = {
    settings: args[0] === undefined ? all : wanted(all, args[0]),
    isWhole: args[0] === undefined,
    worktreeFile: loaded.file,
    committedFile: committed === null ? null : `${committed.branch ?? ""}:${committed.file}`,
    dotEnv,
    places: readPlaces({
      repository,
      settings,
      env,
      isFlag: (name) => options.text(name) !== null,
      shown: shownReference,
    }),
    variables: readVariables(env, shownReference),
    leftOut: [...leftOfFile(dotEnv), ...leftOfEnvironment(env)],
  };
  return { data: explainedData(explained), lines: explainedLines(explained) };
}

function worktreeSource(root: string, { file }: WorktreeSettings): SourceText | null {
  return file === null
    ? null
    : { file, text: readFileSync(join(root, file), "utf8"), branch: null };
}

async function committedSource(root: string, env: Call["io"]["env"]): Promise<SourceText | null> {
  const git = createGit({ cwd: root, env });
  const found = await readCommitted(git, settingsFiles);
  return found === null ? null : { ...found, branch: await defaultBranch(git) };
}

/** @throws {SkeinError} SKN-5010 with what may be meant. */
function wanted(all: readonly ExplainedSetting[], name: string): readonly ExplainedSetting[] {
  const found = all.filter((each) => each.name === name || each.name.startsWith(`${name}.`));
  if (found.length === 0) {
    const known = all.flatMap((each) => [each.name, each.name.split(".")[0] ?? ""]);
    const guess = nearest(name, known) ?? known.find((each) => each.endsWith(`.${name}`)) ?? null;
    throw new SkeinError(cliErrors.noSetting, {
      message: `There is no setting ${JSON.stringify(name)}.`,
      fix: guess === null ? undefined : `Did you mean ${guess}?`,
      facts: { setting: name, did_you_mean: guess },
    });
  }
  return found;
}

function leftOfFile({ left }: DotEnv): readonly LeftOutRow[] {
  return left.map(({ name, line, why }) => ({ name, where: `.env:${String(line)}`, why }));
}

/** Variables of settings that do not count. */
function leftOfEnvironment(env: Call["io"]["env"]): readonly LeftOutRow[] {
  return overrideNames.flatMap((name) => {
    const [variable, why] = [variableOf(name), whyNoVariable(name)];
    return why === null || (env[variable] ?? "") === ""
      ? []
      : [{ name: variable, where: "environment", why }];
  });
}
