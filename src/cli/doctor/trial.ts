import { execFile } from "node:child_process";

/** One run of an installed hook. */
export interface TrialRequest {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What it reads from its standard input. */
  readonly input: string;
}

const patienceMs = 20_000;

/** Runs a hook that should end well and say nothing; tells what was wrong, or null. */
export function tryOut({ command, args, cwd, env, input }: TrialRequest): Promise<string | null> {
  return new Promise((resolve) => {
    const options = { cwd, env: { ...env }, timeout: patienceMs };
    const child = execFile(command, [...args], options, (error, _stdout, stderr) => {
      const said = firstLine(stderr);
      if (error === null) {
        resolve(said === "" ? null : said);
        return;
      }
      const end = error.killed === true ? "it did not end" : `it ended with ${String(error.code)}`;
      resolve(said === "" ? end : `${end}: ${said}`);
    });
    // It may end before it has read anything.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0]?.slice(0, 300) ?? "";
}

/** The environment in which a hook takes itself to be called by a person, for whom it changes nothing. */
export function personsEnv(
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  const own = Object.entries(env).filter(([name]) => !agentVariables.has(name));
  return { ...Object.fromEntries(own), SKEIN_PERSON: "1" };
}

const agentVariables = new Set([
  "SKEIN_SESSION",
  "SKEIN_EXTERNAL_ID",
  "CLAUDE_CODE_SESSION_ID",
  "CODEX_THREAD_ID",
  "CODEX_SESSION_ID",
  "GEMINI_SESSION_ID",
  "OPENCODE_SESSION_ID",
]);
