import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A step of a job, as a runner starts it. */
export interface ActionRun {
  readonly eventName: string;
  readonly payload: unknown;
  readonly inputs?: Readonly<Record<string, string>> | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Default: the Node of this process. */
  readonly node?: string | undefined;
  /** Called once the process said this. */
  readonly onSaid?:
    | { readonly text: string; readonly act: (child: ChildProcess) => void }
    | undefined;
}

export interface ActionEnd {
  readonly code: number | null;
  readonly said: string;
  readonly summary: string;
  /** By name. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** A runner of GitHub Actions: folders, files for outputs and summary, and the variables that a real one sets. */
export interface Runner {
  readonly folder: string;
  readonly workspace: string;
  run(bundle: string, step: ActionRun): Promise<ActionEnd>;
  remove(): void;
}

export function createRunner(): Runner {
  const folder = mkdtempSync(join(tmpdir(), "skein-runner-"));
  const workspace = join(folder, "work");
  mkdirSync(workspace);
  mkdirSync(join(folder, "temp"));
  let steps = 0;
  return {
    folder,
    workspace,
    run: async (bundle, step) => {
      steps += 1;
      const at = (name: string): string => join(folder, `${name}-${String(steps)}`);
      for (const name of ["output", "summary"]) {
        writeFileSync(at(name), "");
      }
      writeFileSync(at("event"), JSON.stringify(step.payload));
      const env = {
        PATH: process.env["PATH"] ?? "",
        HOME: folder,
        CI: "true",
        GITHUB_ACTIONS: "true",
        GITHUB_EVENT_NAME: step.eventName,
        GITHUB_EVENT_PATH: at("event"),
        GITHUB_REPOSITORY: "ada/engine",
        GITHUB_SHA: "a".repeat(40),
        GITHUB_RUN_ID: "12",
        GITHUB_RUN_ATTEMPT: "1",
        GITHUB_WORKSPACE: workspace,
        GITHUB_OUTPUT: at("output"),
        GITHUB_STEP_SUMMARY: at("summary"),
        RUNNER_TEMP: join(folder, "temp"),
        ...inputVariables(step.inputs ?? {}),
        ...step.env,
      };
      const ended = await runNode(bundle, { ...step, env, cwd: workspace });
      return {
        ...ended,
        summary: readFileSync(at("summary"), "utf8"),
        outputs: outputsIn(readFileSync(at("output"), "utf8")),
      };
    },
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function inputVariables(inputs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
  );
}

interface Start extends Pick<ActionRun, "node" | "onSaid"> {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

async function runNode(
  bundle: string,
  { node = process.execPath, env, cwd, onSaid }: Start,
): Promise<Pick<ActionEnd, "code" | "said">> {
  const child = spawn(node, [bundle], { env, cwd, timeout: 60_000 });
  let said = "";
  let isTold = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (onSaid !== undefined && !isTold && said.includes(onSaid.text)) {
        isTold = true;
        onSaid.act(child);
      }
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("close", resolve);
    child.on("error", reject);
  });
  return { code, said };
}

/** As a runner reads the file: `name<<DELIMITER`, the value, and the delimiter on a line of its own. */
function outputsIn(text: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const match of text.matchAll(/^([\w-]+)<<(\S+)\n([\s\S]*?)\n\2$/gmu)) {
    found[match[1] ?? ""] = match[3] ?? "";
  }
  return found;
}
