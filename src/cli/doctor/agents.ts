import { join, relative } from "node:path";
import { SkeinError } from "../../core/base/errors.ts";
import { furtherFaults } from "../../core/base/further-faults.ts";
import { agentsIn, detectAgents, outlooks } from "../init/plan-changes.ts";
import type { Outlook } from "../init/plan-changes.ts";
import { readAgentFile, readableText } from "../init/agent-file.ts";
import { agents } from "../init/agents.ts";
import type { AgentName } from "../init/agents.ts";
import { choiceFor } from "../init/choice.ts";
import { isChange } from "../init/file-change.ts";
import type { FileChange } from "../init/file-change.ts";
import { withWish } from "../init/json-host.ts";
import { projectBin } from "../init/launch.ts";
import { tomlFault } from "../init/toml-refusals.ts";
import { examineJson } from "./agent-json.ts";
import { examineStrays } from "./agent-strays.ts";
import { examineSwitches, switchesIn } from "./agent-switches.ts";
import { installsProject, lacksProject, missingPrograms } from "./commands.ts";
import { fine, trouble } from "./finding.ts";
import type { Finding, Patient } from "./finding.ts";
import { launchesOf } from "./launches.ts";

/** Looks at the configuration of the agent programs that are used here. */
export function examineAgents(patient: Patient): readonly Finding[] {
  const { repository, env } = patient;
  const { root } = repository;
  const names = detectAgents({ root, env });
  const wanted = wantedOf(names, patient);
  return [
    ...wanted.flatMap((name) => examineAgent(name, patient)),
    ...(wanted.length === 0
      ? [fine("agent", "No agent program is configured, as was wished.")]
      : []),
    ...(names.includes("claude") ? examineOwn(root, ".claude/settings.local.json") : []),
    ...(names.includes("codex") ? examineHome(patient) : []),
    ...examineFlags(root),
    ...examineSwitches(root),
  ];
}

/** Those of which a person wanted none of Skein's files, as beside the plugin, are not called unfinished; what Skein wrote for them counts. */
function wantedOf(names: readonly AgentName[], { repository }: Patient): readonly AgentName[] {
  const chosen = choiceFor(repository);
  if (chosen === null) {
    return names;
  }
  const written = agentsIn(repository.root, launchesOf(repository.root)[0]);
  return names.filter((name) => chosen.includes(name) || written.includes(name));
}

/** Each file is judged by itself, so that a fault of one hides none of another. */
function examineAgent(name: AgentName, { repository: { root } }: Patient): readonly Finding[] {
  const launches = launchesOf(root);
  const all = outlooks(root, name, launches[0]);
  const broken = all.flatMap((outlook) =>
    [...unreadable(root, outlook), ...deadCommands(name, root, outlook)].map((finding) => ({
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
    ...all.flatMap(({ path, before }) => oddities(relative(root, path), before)),
    ...best.map((change) => unlike(name, root, change)),
  ];
  return found.length > 0 ? found : [fine("agent", `${agents[name].title} is configured.`)];
}

/** What a file says to its program that it does not say to Skein, or the other way round. */
function oddities(label: string, text: string | null): readonly Finding[] {
  if (text === null || label.endsWith(".js")) {
    return [];
  }
  return label.endsWith(".toml") ? examineStrays(label, text) : examineJson(label, text);
}

/** A person's own settings of Codex hold in every repository: where they are no TOML, it reads none at all. */
function examineHome({ repository: { root }, env }: Patient): readonly Finding[] {
  const folder = codexFolder(env);
  const file = ".codex/config.toml";
  const path = folder === null ? null : join(folder, "config.toml");
  const text = path === null || path === join(root, file) ? null : readableText(path);
  if (path === null || text === null) {
    return [];
  }
  const error = tomlFault(path, text);
  return error === null ? switchesIn(file, text, path) : [told(error)];
}

/** An empty variable says nothing. */
function codexFolder(env: Patient["env"]): string | null {
  const home = env["HOME"] ?? "";
  const named = env["CODEX_HOME"] ?? "";
  if (named !== "") {
    return named;
  }
  return home === "" ? null : join(home, ".codex");
}

/** A file of a person's own that `init` does not write, and that may turn off what it wrote. */
function examineOwn(root: string, file: string): readonly Finding[] {
  try {
    const text = readAgentFile(join(root, file), file);
    // Nothing is wished of it but that it can be read.
    withWish(file, text, { values: [], hooks: [] });
    return oddities(file, text);
  } catch (error) {
    if (error instanceof SkeinError) {
      return [told(error)];
    }
    throw error;
  }
}

/** What keeps `init` from the file, or its own program. */
function unreadable(root: string, { path, before, found }: Outlook): readonly Finding[] {
  const isToml = path.endsWith(".toml") && before !== null;
  const error =
    found instanceof SkeinError ? found : isToml ? tomlFault(relative(root, path), before) : null;
  return error === null ? [] : [told(error)];
}

function told(error: SkeinError): Finding {
  return trouble("fail", "agent-file", {
    what: error.message,
    why: error.why,
    fix: error.fix,
    also: furtherFaults(error),
  });
}

function deadCommands(
  name: AgentName,
  root: string,
  { path, before }: Outlook,
): readonly Finding[] {
  const file = relative(root, path);
  const text = before ?? "";
  const why = `${agents[name].title} then starts neither Skein's server nor its hooks.`;
  const dead = missingPrograms(text).map((program) =>
    trouble("fail", "agent-command", {
      what: `${file} calls ${program}, which is not there.`,
      why,
      fix: "skein init --yes",
    }),
  );
  return lacksProject(text, root)
    ? [
        ...dead,
        trouble("fail", "agent-command", {
          what: `${file} calls ${projectBin}, which is not installed here.`,
          why,
          fix: installsProject,
        }),
      ]
    : dead;
}

/** A file that `init` would write otherwise, or that does not name Skein at all. */
function unlike(name: AgentName, root: string, { path, before, after }: FileChange): Finding {
  const { title } = agents[name];
  const file = relative(root, path);
  return before?.includes("skein") === true
    ? trouble("warn", "agent-config", {
        what: `${file} is not as this Skein would write it, from line ${String(firstUnlike(before, after ?? ""))} on.`,
        why: "Some of its hooks are missing, or it was written by another installation.",
        fix: "skein init --dry-run, then skein init --yes",
      })
    : trouble("warn", "agent-missing", {
        what: `${title} is used here, but ${file} does not name Skein.`,
        why: "Its agents see no board and their edits are not checked before the commit.",
        fix: "skein init --dry-run, then skein init --yes",
      });
}

/** The first line, from 1, in which two texts differ. */
function firstUnlike(before: string, after: string): number {
  const wanted = after.split("\n");
  const index = before.split("\n").findIndex((line, at) => line !== wanted[at]);
  return index === -1 ? wanted.length : index + 1;
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
    const word = pattern.exec(readableText(join(root, file)) ?? "")?.[0];
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
