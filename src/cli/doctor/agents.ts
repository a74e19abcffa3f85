import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { SkeinError } from "../../core/base/errors.ts";
import { detectAgents, outlooks } from "../init/plan-changes.ts";
import type { Outlook } from "../init/plan-changes.ts";
import { agents } from "../init/agents.ts";
import type { AgentName } from "../init/agents.ts";
import { isChange } from "../init/file-change.ts";
import type { FileChange } from "../init/file-change.ts";
import { missingPrograms } from "./commands.ts";
import { fine, trouble } from "./finding.ts";
import type { Finding, Patient } from "./finding.ts";
import { launchesOf } from "./launches.ts";

/** Looks at the configuration of the agent programs that are used here. */
export function examineAgents(patient: Patient): readonly Finding[] {
  const { repository, env } = patient;
  const names = detectAgents({ root: repository.root, env });
  return [
    ...names.flatMap((name) => examineAgent(name, patient)),
    ...examineFlags(repository.root),
    ...examineSwitches(repository.root),
  ];
}

/** Each file is judged by itself, so that a fault of one hides none of another. */
function examineAgent(name: AgentName, { repository: { root } }: Patient): readonly Finding[] {
  const launches = launchesOf(root);
  const broken = outlooks(root, name, launches[0]).flatMap((outlook) =>
    [...unmergeable(outlook), ...deadCommands(name, root, outlook)].map((finding) => ({
      path: outlook.path,
      finding,
    })),
  );
  const left = launches.map((launch) =>
    outlooks(root, name, launch)
      .filter(({ path }) => broken.every((other) => other.path !== path))
      .flatMap(({ found }) => (found instanceof SkeinError || !isChange(found) ? [] : [found])),
  );
  const best = left.toSorted((one, other) => one.length - other.length)[0] ?? [];
  const found = [
    ...broken.map(({ finding }) => finding),
    ...best.map((change) => unlike(name, root, change)),
  ];
  return found.length > 0 ? found : [fine("agent", `${agents[name].title} is configured.`)];
}

function unmergeable({ found }: Outlook): readonly Finding[] {
  return found instanceof SkeinError
    ? [
        trouble("fail", "agent-file", {
          what: found.message,
          why: found.why,
          fix: found.fix,
        }),
      ]
    : [];
}

function deadCommands(
  name: AgentName,
  root: string,
  { path, before }: Outlook,
): readonly Finding[] {
  return missingPrograms(before ?? "").map((program) =>
    trouble("fail", "agent-command", {
      what: `${relative(root, path)} calls ${program}, which is not there.`,
      why: `${agents[name].title} then starts neither Skein's server nor its hooks.`,
      fix: "skein init --yes",
    }),
  );
}

/** A file that `init` would write otherwise, or that does not name Skein at all. */
function unlike(name: AgentName, root: string, { path, before }: FileChange): Finding {
  const { title } = agents[name];
  const file = relative(root, path);
  return before?.includes("skein") === true
    ? trouble("warn", "agent-config", {
        what: `${file} is not as this Skein would write it.`,
        why: "Some of its hooks are missing, or it was written by another installation.",
        fix: "skein init --dry-run, then skein init --yes",
      })
    : trouble("warn", "agent-missing", {
        what: `${title} is used here, but ${file} does not name Skein.`,
        why: "Its agents see no board and their edits are not checked before the commit.",
        fix: "skein init --dry-run, then skein init --yes",
      });
}

/** Words in the files of agent programs that let an agent pass its own safeguards. */
const unsafe: readonly (readonly [file: string, pattern: RegExp])[] = [
  [".claude/settings.json", /"bypassPermissions"|dangerously-skip-permissions/u],
  [".claude/settings.local.json", /"bypassPermissions"|dangerously-skip-permissions/u],
  [".codex/config.toml", /danger-full-access|dangerously-bypass/u],
  [".gemini/settings.json", /"yolo"\s*:\s*true|"approvalMode"\s*:\s*"yolo"|--yolo/u],
  ["opencode.json", /"\*"\s*:\s*"allow"|"permission"\s*:\s*"allow"/u],
];

function examineFlags(root: string): readonly Finding[] {
  return unsafe.flatMap(([file, pattern]) => {
    const word = pattern.exec(readText(join(root, file)) ?? "")?.[0];
    return word === undefined
      ? []
      : [
          trouble("warn", "unsafe-flag", {
            what: `${file} says ${word}.`,
            why: "The agent may then run anything without being asked, Skein's commands with --yes among them.",
            fix: `Take it out of ${file}, or run such agents in a sandbox.`,
          }),
        ];
  });
}

/** Words in the files of agent programs that turn off what Skein has put there. */
const switches: readonly (readonly [file: string, pattern: RegExp, off: string])[] = [
  [".claude/settings.json", /"disableAllHooks"\s*:\s*true/u, "hooks"],
  [".claude/settings.local.json", /"disableAllHooks"\s*:\s*true/u, "hooks"],
  [".claude/settings.json", /"disabledMcpjsonServers"\s*:\s*\[[^\]]*"skein"/u, "server"],
  [".claude/settings.local.json", /"disabledMcpjsonServers"\s*:\s*\[[^\]]*"skein"/u, "server"],
  [".codex/config.toml", /^[ \t]*(?:features\.)?(?:codex_)?hooks[ \t]*=[ \t]*false/mu, "hooks"],
  [".gemini/settings.json", /"hooksConfig"\s*:\s*\{[^{}]*"enabled"\s*:\s*false/u, "hooks"],
];

function examineSwitches(root: string): readonly Finding[] {
  return switches.flatMap(([file, pattern, off]) => {
    const word = pattern.exec(readText(join(root, file)) ?? "")?.[0];
    return word === undefined
      ? []
      : [
          trouble("warn", "agent-off", {
            what: `${file} says ${word.replaceAll(/\s+/gu, " ").trim()}: the ${off} of this program ${off === "hooks" ? "do" : "does"} not run.`,
            why:
              off === "hooks"
                ? "Edits of files that others hold are then stopped at the commit, and not before."
                : "Its agents then see no board and get no tasks.",
            fix: `Take it out of ${file}.`,
          }),
        ];
  });
}

function readText(path: string): string | null {
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}
