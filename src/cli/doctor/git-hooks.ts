import { chmodSync, lstatSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGit } from "../../adapters/git/index.ts";
import type { Git } from "../../adapters/git/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { attempt } from "../init/faults.ts";
import { isChange } from "../init/file-change.ts";
import { findHookPlace, guardChanges } from "../init/git-hooks.ts";
import type { HookPlace } from "../init/git-hooks.ts";
import { readableHook } from "../init/hook-file.ts";
import { guardHooks, guardIn, ownScript, wrappedSuffix } from "../init/hook-script.ts";
import type { GuardHook } from "../init/hook-script.ts";
import { projectBin } from "../init/launch.ts";
import type { Launch } from "../init/launch.ts";
import { callOf, linesBeforeCall } from "../init/shell-host.ts";
import { installsProject, lacksProject, missingPrograms } from "./commands.ts";
import { fine, trouble } from "./finding.ts";
import type { Finding, Patient } from "./finding.ts";
import { isThisInstallation, launchIn, launchesOf } from "./launches.ts";
import { personsEnv, tryOut } from "./trial.ts";

/** Looks at the git hooks, and runs Skein's part of each with nothing to commit or push. */
export async function examineHooks(patient: Patient): Promise<readonly Finding[]> {
  const { repository, env } = patient;
  const git = createGit({ cwd: repository.root, env });
  const place = await findHookPlace(git, repository);
  if (place.kind === "outside") {
    return [
      trouble("warn", "git-hooks-outside", {
        what: `Git runs its hooks from ${place.folder}, outside of this repository.`,
        why: "Skein does not write there, so commits are not checked.",
        fix: "Call `skein guard pre-commit`, `commit-msg` and `pre-push` from the hooks there, or unset core.hooksPath.",
      }),
    ];
  }
  const findings: Finding[] = [];
  for (const hook of guardHooks) {
    findings.push(await examineHook({ patient, git, place, hook }));
  }
  return findings;
}

interface Examined {
  readonly patient: Patient;
  readonly git: Git;
  readonly place: HookPlace;
  readonly hook: GuardHook;
}

async function examineHook(examined: Examined): Promise<Finding> {
  const { patient, place, hook } = examined;
  const path = join(place.folder, hook);
  const found = readableHook(path);
  const stats = found === null ? lstatSync(path, { throwIfNoEntry: false }) : undefined;
  if (stats !== undefined) {
    return noScript(path, hook, stats.isFile() ? "no script of text" : "no file");
  }
  const { text, mode } = found ?? { text: "", mode: 0 };
  const flaw = flawOf({ path, text, mode, hook, root: patient.repository.root });
  if (flaw !== null) {
    return flaw;
  }
  const launch = attempt(() => launchOf(text, examined));
  if (launch instanceof SkeinError) {
    return trouble("warn", "git-hook-config", {
      what: launch.message,
      why: "`skein init` changes nothing there; whether it still asks Skein was not tried.",
      fix: launch.fix,
    });
  }
  return launch === null
    ? trouble("warn", "git-hook-config", {
        what: `The git hook ${hook} is not as Skein would write it.`,
        why: "It was edited, or another version wrote it; whether it still asks Skein was not tried.",
        fix: `Look at ${path}, then \`skein init --yes\`.`,
      })
    : reached(launch, text, examined);
}

/** What of a hook with Skein's lines in it keeps git from coming to them, or what they do. */
async function reached(launch: Launch, text: string, examined: Examined): Promise<Finding> {
  const { place, hook } = examined;
  const path = join(place.folder, hook);
  const isWhole = place.kind === "wrap" && wrappedSuffix(text, hook) !== null;
  const endsIn = isWhole ? null : lineOfEnd(text, hook);
  if (endsIn === null) {
    return place.kind === "wrap" && !isWhole
      ? amongOthers(path, hook)
      : tried(launch, text, examined);
  }
  return trouble("warn", "git-hook-unreached", {
    what: `The git hook ${hook} ends in line ${String(endsIn)}, before it asks Skein.`,
    why: "Skein's lines stand at its end and are not reached, so that nothing stops a commit of files that another agent holds.",
    fix: `Move Skein's lines in ${path} above that line, or take it out.`,
  });
}

/** What a hook does that is as Skein would write it. */
async function tried(launch: Launch, text: string, examined: Examined): Promise<Finding> {
  const { patient, hook } = examined;
  const isTried = patient.project !== null && isTrusted(launch, examined);
  const fault = isTried ? await tryHook(text, examined) : null;
  return fault === null
    ? fine("git-hook", `The git hook ${hook} asks Skein.`)
    : trouble("fail", "git-hook-run", {
        what: `The git hook ${hook} fails when it runs: ${fault}`,
        why: "It then stops every commit of an agent, and lets people's pass unchecked.",
        fix: "skein init --yes",
      });
}

function noScript(path: string, hook: GuardHook, words: string): Finding {
  return trouble("fail", "git-hook-missing", {
    what: `The git hook ${hook} is ${words}: ${path}.`,
    why: "It does not ask Skein, so that nothing stops a commit of files that another agent holds.",
    fix: `Move ${path} away, then run \`skein init --yes\`.`,
  });
}

/** Lines of a person are not run to see what they do. */
function amongOthers(path: string, hook: GuardHook): Finding {
  return trouble("note", "git-hook-config", {
    what: `The git hook ${hook} holds lines of yours beside Skein's.`,
    why: "`skein init` renews Skein's lines where they stand and leaves yours; whether it still asks Skein was not tried.",
    fix: `Look in ${path} whether Skein's lines are reached.`,
  });
}

/** The line, from 1, on which a script ends in any case before Skein's lines; null where it goes on to them. */
function lineOfEnd(text: string, hook: GuardHook): number | null {
  const own = guardIn(text, hook);
  const before =
    callOf(text) === "" && own !== null
      ? text.slice(0, text.indexOf(own)).split("\n")
      : linesBeforeCall(text);
  // What is indented may be under a condition; `exec` with a redirection alone ends nothing.
  const index = before.findIndex((line) => /^(?:exit\b|exec\s+[^\s<>&\d])/u.test(line));
  return index === -1 ? null : index + 1;
}

interface Script {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  readonly hook: GuardHook;
  /** The top of the worktree. */
  readonly root: string;
}

/** What can be seen without running it; null when nothing. */
function flawOf({ path, text, mode, hook, root }: Script): Finding | null {
  if (!text.includes(`guard ${hook}`)) {
    return trouble("fail", "git-hook-missing", {
      what: `The git hook ${hook} does not ask Skein.`,
      why: "Then nothing stops a commit of files that another agent holds.",
      fix: "skein init --yes",
    });
  }
  if (process.platform !== "win32" && (mode & 0o100) === 0) {
    return trouble("fail", "git-hook-mode", {
      what: `The git hook ${hook} is not executable.`,
      why: "Git skips it without a word.",
      fix: `chmod 755 ${path}`,
      mend: async () => {
        chmodSync(path, 0o755);
      },
    });
  }
  const [missing] = missingPrograms(text);
  if (missing !== undefined) {
    return trouble("fail", "git-hook-command", {
      what: `The git hook ${hook} calls ${missing}, which is not there.`,
      why: "Node or Skein was moved or removed since `skein init`.",
      fix: "skein init --yes",
    });
  }
  return lacksProject(text, root)
    ? trouble("fail", "git-hook-command", {
        what: `The git hook ${hook} calls ${projectBin}, which is not installed here.`,
        why: "It then stops every commit of an agent, and lets people's pass unchecked.",
        fix: installsProject,
      })
    : null;
}

/** The command for which `init` would have written this very text; null when somebody else wrote it. @throws {SkeinError} what `init` would refuse it with. */
function launchOf(text: string, { patient, place, hook }: Examined): Launch | null {
  const named = launchIn(text);
  const launches = [...launchesOf(patient.repository.root), ...(named === null ? [] : [named])];
  const path = join(place.folder, hook);
  return (
    launches.find(
      (launch) =>
        !guardChanges(place, launch, [hook]).some(
          (change) => change.path === path && isChange(change),
        ),
    ) ?? null
  );
}

/** A script in git's own folder is this machine's; one among the files came with the repository and may name anything. */
function isTrusted(launch: Launch, { patient, place }: Examined): boolean {
  return (
    process.platform !== "win32" &&
    (isThisInstallation(launch, patient.repository.root) ||
      (place.kind === "wrap" && launch.kind === "absolute"))
  );
}

/** Runs a copy of Skein's part alone, as a person, over an index without changes: a hook that was there before is not called. */
async function tryHook(
  text: string,
  { patient, git, place, hook }: Examined,
): Promise<string | null> {
  const folder = mkdtempSync(join(tmpdir(), "skein-doctor-"));
  try {
    const script = join(folder, hook);
    const message = join(folder, "message");
    const index = join(folder, "index");
    writeFileSync(script, place.kind === "append" ? ownScript(text) : text, { mode: 0o700 });
    writeFileSync(message, "Nothing\n");
    const env = { ...personsEnv(patient.env), GIT_INDEX_FILE: index };
    // A repository without a commit has no tree; its empty index has no change either.
    await git.run(["read-tree", "HEAD"], { env: { GIT_INDEX_FILE: index }, okCodes: [0, 128] });
    const args = { "pre-commit": [], "commit-msg": [message], "pre-push": ["origin", "origin"] };
    const cwd = patient.repository.root;
    return await tryOut({ command: "/bin/sh", args: [script, ...args[hook]], cwd, env, input: "" });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
