import { detectAgents, hookCommands } from "../init/plan-changes.ts";
import { fine, trouble } from "./finding.ts";
import type { Finding, Patient } from "./finding.ts";
import { isThisInstallation, launchesOf } from "./launches.ts";
import { personsEnv, tryOut } from "./trial.ts";
import { counted } from "../counted.ts";

/** A file that is not there, as no path of a repository is called. */
const harmlessFile = ".skein-doctor-was-here";

/**
 * Runs the hooks that agent programs would run, with a call that names no agent and changes nothing. Only commands that `init` wrote for
 * this installation are run: others may be anything.
 */
export async function tryAgentHooks(patient: Patient): Promise<readonly Finding[]> {
  const { repository, env, project } = patient;
  const { root } = repository;
  if (project === null || process.platform === "win32") {
    return [];
  }
  const launches = launchesOf(root).filter((launch) => isThisInstallation(launch, root));
  const commands = new Set(
    launches.flatMap((launch) => hookCommands(root, detectAgents({ root, env }), launch)),
  );
  const input = JSON.stringify({
    cwd: root,
    tool_name: "Write",
    tool_input: { file_path: `${root}/${harmlessFile}` },
  });
  const variables = { CLAUDE_PROJECT_DIR: root, GEMINI_PROJECT_DIR: root };
  const findings: Finding[] = [];
  for (const command of commands) {
    const fault = await tryOut({
      command: "/bin/sh",
      args: ["-c", command],
      cwd: root,
      env: { ...personsEnv(env), ...variables },
      input,
    });
    findings.push(...(fault === null ? [] : [failing(command, fault)]));
  }
  return findings.length > 0 || commands.size === 0
    ? findings
    : [
        fine(
          "agent-hooks",
          commands.size === 1
            ? "The hook of an agent program runs."
            : `All ${counted(commands.size, "hook")} of agent programs run.`,
        ),
      ];
}

function failing(command: string, fault: string): Finding {
  const words = /hook \w+ [a-z-]+/u.exec(command)?.[0] ?? command;
  return trouble("fail", "agent-hook-run", {
    what: `\`skein ${words}\` fails when it runs: ${fault}`,
    why: "The agent goes on without it: nothing is checked before the commit.",
    fix: "Mend what it names, or install Skein again and run `skein init --yes`.",
  });
}
