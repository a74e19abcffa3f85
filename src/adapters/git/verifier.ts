import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { findingReport } from "../../core/review/index.ts";
import type { CommandEnd, Finding, Side, Verifier } from "../../core/review/index.ts";
import { runCommand } from "../process/command.ts";
import { withCheckout } from "./checkout.ts";
import type { Checkout } from "./checkout.ts";
import { allowedEnv } from "./git.ts";
import type { Git } from "./git.ts";

export interface VerifierDeps {
  readonly git: Git;
  /** The top of the person's own worktree: the command is told it, and does not run in it. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A line for the shell, as the person typed it. No text of a finding ever becomes a part of it. */
  readonly command: string;
  /** Of one run. */
  readonly timeoutMs: number;
  /** The commits of the change. */
  readonly sides: Readonly<Record<Side, string>>;
}

/** All runs of one review together may take as long as so many that use up their time. */
const longestRuns = 10;

/**
 * Asks a person's own command of each finding. It runs without a sandbox, in a temporary worktree of the head or the base that is new for each
 * run, in a process group of its own that ends with it. What the finding says reaches it through its environment and a file alone.
 */
export function createVerifier(deps: VerifierDeps): Verifier {
  return {
    totalMs: deps.timeoutMs * longestRuns,
    run: async (finding, side, signal) =>
      withCheckout(deps.git, deps.sides[side], async (checkout) =>
        runOn(deps, { finding, side, signal, checkout }),
      ),
  };
}

interface Run {
  readonly finding: Finding;
  readonly side: Side;
  readonly signal: AbortSignal;
  readonly checkout: Checkout;
}

async function runOn(
  { command, timeoutMs, env, root }: VerifierDeps,
  { finding, side, signal, checkout }: Run,
): Promise<CommandEnd> {
  const file = join(checkout.folder, "finding.json");
  await writeFile(file, `${JSON.stringify(findingReport(finding), null, 2)}\n`, { mode: 0o600 });
  const { exitCode, note } = await runCommand({
    command,
    cwd: checkout.root,
    env: {
      ...allowedEnv(env),
      CI: "true",
      SKEIN_REPOSITORY: root,
      SKEIN_SIDE: side,
      SKEIN_FINDING_FILE: file,
      ...variablesOf(finding),
    },
    timeoutMs,
    signal,
  });
  return exitCode === null
    ? { kind: "failed", reason: note === null ? "was killed" : "was stopped or could not start" }
    : { kind: "exited", code: exitCode };
}

function variablesOf(finding: Finding): Readonly<Record<string, string>> {
  return {
    SKEIN_FINDING_ID: finding.id,
    SKEIN_FINDING_FINGERPRINT: finding.fingerprint,
    SKEIN_FINDING_PATH: plain(finding.path),
    SKEIN_FINDING_LINE: String(finding.line),
    SKEIN_FINDING_END_LINE: String(finding.endLine),
    SKEIN_FINDING_SEVERITY: finding.severity,
    SKEIN_FINDING_CATEGORY: finding.category,
    SKEIN_FINDING_TITLE: plain(finding.title),
  };
}

/** An environment holds no character of number 0. */
function plain(text: string): string {
  return text.replaceAll("\0", "");
}
