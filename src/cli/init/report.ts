import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import type { StoreChoice } from "../../compose.ts";
import type { Repository } from "../../adapters/git/index.ts";
import { agents } from "./agents.ts";
import type { AgentName } from "./agents.ts";
import { excludePath } from "./exclusion.ts";
import type { OwnExclusion } from "./exclusion.ts";
import type { FileChange } from "./file-change.ts";
import type { HookPlace } from "./git-hooks.ts";
import type { KeptFiles } from "./kept-files.ts";
import type { Launch } from "./launch.ts";
import type { LiveCheck } from "./live-check.ts";
import type { Removal } from "./removal.ts";
import type { GitHost, Surroundings } from "./surroundings.ts";
import { settingsFiles } from "../../settings.ts";
import { counted } from "../counted.ts";

/** What `init` found, did and saw. */
export interface Outcome {
  readonly repository: Repository;
  readonly names: readonly AgentName[];
  readonly changes: readonly FileChange[];
  readonly place: HookPlace;
  /** Null when nothing was started. */
  readonly check: LiveCheck | null;
  /** Null but for a removal. */
  readonly removal: Removal | null;
  /** Files in the main worktree that a program reads for this one; none in the main worktree itself. */
  readonly readFromMain: readonly string[];
  /** Where the ledger is. */
  readonly store: StoreChoice;
  /** Files that were left as they are, since they are everybody's. */
  readonly kept: KeptFiles;
  readonly surroundings: Surroundings;
  /** Git hooks from before that no hook calls; absolute. */
  readonly aside: readonly string[];
  /** What git passes over; null for a removal. */
  readonly exclusion: OwnExclusion | null;
  /** How the server was started that `check` tells of. */
  readonly launch: Launch;
}

interface Doing {
  readonly dryRun: boolean;
  readonly remove: boolean;
}

/** The outcome as `--json` prints it. */
export function reportData(
  { repository, names, changes, place, check, removal, store, surroundings, aside }: Outcome,
  { dryRun, remove }: Doing,
): Readonly<Record<string, unknown>> {
  return {
    schema_version: 1,
    root: repository.root,
    store: store.shown,
    project: store.project,
    git_host: surroundings.gitHost?.host ?? null,
    package_manager: surroundings.packageManager,
    agents: names,
    removed: remove,
    dry_run: dryRun,
    changes: changes.map(({ path, before, after }) => ({
      path: relative(repository.root, path),
      action: before === null ? "create" : after === null ? "delete" : "change",
    })),
    git_hooks: place.kind === "outside" ? "skipped" : place.kind,
    kept_aside: aside.map((path) => relative(repository.root, path)),
    kept_for: removal?.keptFor ?? [],
    check,
  };
}

/** The outcome in lines for a person. */
export function reportLines(outcome: Outcome, { remove, dryRun }: Doing): readonly string[] {
  const { names, changes, place, readFromMain } = outcome;
  const found = remove ? [] : [foundLine(outcome)];
  if (dryRun) {
    return [...found, `${counted(changes.length, "file")} would change. Nothing was written.`];
  }
  if (remove) {
    return removalLines(outcome);
  }
  return [
    ...found,
    changes.length === 0 ? "No change: everything is in place." : "Done.",
    ...(place.kind === "outside"
      ? [
          `Git runs its hooks from ${place.folder}, outside this repository: call \`skein guard\` there yourself.`,
        ]
      : []),
    ...readFromMain.map(
      (path) =>
        `Codex reads its hooks from the main worktree alone, so they stand in ${path} and hold for all worktrees.`,
    ),
    ...keptLines(outcome),
    ...asideLines(outcome),
    ...checkLines(outcome),
    ...(changes.length === 0
      ? []
      : [
          ...names.flatMap((name) => agents[name].afterwards ?? []),
          ...ownPathsLines(outcome),
          ...nextLines(outcome),
        ]),
  ];
}

const hostTitles: Readonly<Record<GitHost["kind"], string>> = {
  github: "GitHub",
  gitlab: "GitLab",
  bitbucket: "Bitbucket",
  azure: "Azure DevOps",
  other: "another host",
};

function foundLine({ surroundings: { gitHost, packageManager }, names }: Outcome): string {
  const host = gitHost === null ? "no git host" : `${hostTitles[gitHost.kind]} (${gitHost.host})`;
  const programs = names.map((name) => agents[name].title).join(", ");
  return `For: ${host}; ${packageManager ?? "no package manager"}; ${programs === "" ? "no agent program" : programs}.`;
}

/**
 * An agent that commits with `git add -A` takes in what git does not pass over, and its work cannot land where such files lie untracked.
 * What is for everybody and is passed over still would be missed in the commit.
 */
function ownPathsLines(outcome: Outcome): readonly string[] {
  const { repository, exclusion } = outcome;
  const { open = [], hidden = [] } = exclusion ?? {};
  const names = (paths: readonly string[]): readonly string[] =>
    paths.map((path) => relative(repository.root, path));
  const list = excludePath(repository.commonDir);
  return [
    ...excludedLines(outcome, list),
    ...(open.length === 0
      ? []
      : [
          `Leave these files out of commits, as they name paths of this machine: ${names(open).join(", ")}. Commit the files of your work by name, without \`git add -A\`; or \`skein init --portable\` writes them for everybody.`,
        ]),
    ...(hidden.length === 0
      ? []
      : [
          `Other worktrees have files of their own of these names, so ${relative(repository.root, list)} goes on to name them: commit them with \`git add --force ${names(hidden).join(" ")}\`.`,
        ]),
  ];
}

function excludedLines(
  { repository, changes, exclusion }: Outcome,
  list: string,
): readonly string[] {
  const isListed = changes.some(({ path, after }) => path === list && after !== null);
  return isListed && exclusion !== null && exclusion.own.length > 0
    ? [
        `Git passes over the files that \`skein init\` made, in all worktrees: they stand in ${relative(repository.root, list)}. To commit them, run \`skein init --portable\`, which takes them off that list.`,
      ]
    : [];
}

/** What is worth doing next, where nobody has: the git host and the package manager say what. */
function nextLines({
  repository,
  surroundings: { gitHost, testCommand },
}: Outcome): readonly string[] {
  const hasSettings = settingsFiles.some((file) => existsSync(join(repository.root, file)));
  const check =
    testCommand === null || hasSettings
      ? []
      : [
          `To have tests run before work lands, commit a skein.yml: \`checks: { test: { run: ${testCommand} } }\` and \`integration: { checks: [test] }\`.`,
        ];
  return gitHost?.kind === "github"
    ? [...check, "On GitHub Skein also reviews and checks pull requests: see docs/github.md."]
    : check;
}

function removalLines(outcome: Outcome): readonly string[] {
  const { changes, removal, store } = outcome;
  const kept = removal?.keptFor ?? [];
  const done =
    changes.length === 0
      ? "Nothing of Skein is in the files here."
      : `Skein is out of ${counted(changes.length, "file")}.`;
  return [
    `${done} The ledger stays where it is: ${store.project === null ? "" : `the project ${store.project} in `}${store.shown}.`,
    ...(kept.length === 0
      ? []
      : [
          `What all worktrees share stays, since Skein is still set up in ${kept.join(", ")}: the git hooks, and Codex's hooks if it is used there.`,
        ]),
    ...asideLines(outcome),
  ];
}

function asideLines({ repository, aside }: Outcome): readonly string[] {
  const names = aside.map((path) => relative(repository.root, path));
  return names.length === 0
    ? []
    : [`Kept from earlier git hooks, and called by none now: ${names.join(", ")}.`];
}

function keptLines({ repository, kept }: Outcome): readonly string[] {
  const names = [...kept.paths].map((path) => relative(repository.root, path));
  return names.length === 0
    ? []
    : [`Committed without a path of this machine, and left so: ${names.join(", ")}.`];
}

function checkLines({ check, launch }: Outcome): readonly string[] {
  if (check === null) {
    return [];
  }
  if (check.ok) {
    return [
      `The server answers in ${String(check.ms)} ms with ${counted(check.tools.length, "tool")}: ${check.tools.join(", ")}.`,
    ];
  }
  const how =
    launch.kind === "npx"
      ? "The files start it with `npx --no skein`, which wants a Skein that npx finds: run `npm link` in a checkout of Skein."
      : "Run `skein doctor` to see why.";
  return [`The server does not answer: ${check.detail}. ${how}`];
}
