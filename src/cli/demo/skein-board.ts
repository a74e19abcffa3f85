import { join } from "node:path";
import { ownObject, ownText, ownValue, parseLooseObject } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import type { AgentJob } from "./agent-job.ts";
import type { Board, Committed, Turn } from "./board.ts";
import { startMcpClient } from "./mcp-client.ts";
import type { McpClient } from "./mcp-client.ts";
import { createDemoGit, demoEnv, runProgram } from "./processes.ts";
import type { DemoGit } from "./processes.ts";
import type { Edit, TaskWork } from "./work.ts";

/** An agent under Skein: its own `skein mcp`, the edit hook as a process before each edit, and the guard in git's hooks. */
export async function createSkeinBoard(job: AgentJob): Promise<Board> {
  const env = { ...demoEnv(process.env, job.name), CLAUDE_CODE_SESSION_ID: job.conversation };
  const git = createDemoGit(job.worktree, env);
  const program = { file: process.execPath, args: [job.bin, "mcp"], cwd: job.worktree, env };
  const client = await startMcpClient(program, job.name);
  let claim: Claim | null = null;
  let waitedFor: LooseObject | null = null;

  return {
    take: async () => {
      const answer = waitedFor ?? (await client.call("next_task", { name: job.name }));
      waitedFor = null;
      claim = claimOf(answer, job.work);
      return claim === null ? idleTurn(answer) : { kind: "task", work: claim.work };
    },
    wait: async () => {
      const answer = await client.call("next_task", { name: job.name, wait_seconds: waitSeconds });
      waitedFor = claimOf(answer, job.work) === null ? null : answer;
    },
    begin: async (work) => {
      // By hash: git looks a name up twice, and `main` moves whenever work lands. The branch would then be newer than its files.
      const base = await git.text("rev-parse", "main");
      await git.text("checkout", "--quiet", "--force", "-B", `work/${job.name}-${work.id}`, base);
      await contain(git, claim?.baseCommits ?? []);
    },
    mayEdit: (edit) => askHook(job, env, edit),
    commit: (work) => commit(git, work),
    handIn: (work, hash) =>
      finish(client, claim, { outcome: "submitted", summary: work.title, commit: hash }),
    giveUp: (_work, reason) =>
      finish(client, claim, { outcome: "released", summary: reason.slice(0, 1_000) }),
    close: () => client.close(),
  };
}

const waitSeconds = 5;

interface Claim {
  readonly work: TaskWork;
  readonly task: string;
  readonly fence: number;
  readonly baseCommits: readonly string[];
}

function claimOf(answer: LooseObject, works: readonly TaskWork[]): Claim | null {
  const task = ownObject(answer, "task");
  const work = works.find(({ id }) => id === ownText(task, "id"));
  const fence = ownValue(answer, "fence");
  if (work === undefined || typeof fence !== "number") {
    return null;
  }
  const bases = ownValue(task, "base_commits");
  return {
    work,
    task: `${ownText(task, "plan") ?? ""}/${work.id}`,
    fence,
    baseCommits: Array.isArray(bases) ? bases.filter((each) => typeof each === "string") : [],
  };
}

/** Work is left as long as some task has not ended. */
function idleTurn(answer: LooseObject): Turn {
  const waiting = ownValue(answer, "waiting");
  const counts = ownObject(answer, "waiting");
  const open = [
    "ready",
    "on_dependencies",
    "on_pause",
    "on_paths",
    "on_others",
    "on_time",
    "claimed",
    "submitted",
  ];
  const left = open.some((name) => ownValue(counts, name) !== 0);
  return { kind: typeof waiting === "object" && waiting !== null && !left ? "over" : "wait" };
}

/** Brings commits into HEAD that it lacks. */
async function contain(git: DemoGit, commits: readonly string[]): Promise<void> {
  for (const hash of commits) {
    const { exitCode } = await git.attempt("merge-base", "--is-ancestor", hash, "HEAD");
    if (exitCode === 1) {
      await git.text("merge", "--quiet", "--no-edit", hash);
    }
  }
}

/** Asks as Claude Code would before its tool `Edit`. */
async function askHook(
  { bin, conversation, worktree }: AgentJob,
  env: Readonly<Record<string, string>>,
  { path }: Edit,
): Promise<string | null> {
  const { stdout } = await runProgram({
    file: process.execPath,
    args: [bin, "hook", "claude", "pre-edit"],
    cwd: worktree,
    env,
    input: JSON.stringify({
      session_id: conversation,
      cwd: worktree,
      hook_event_name: "PreToolUse",
      tool_name: "Edit",
      tool_input: { file_path: join(worktree, path) },
    }),
  });
  const answer = ownObject(parseLooseObject(stdout) ?? {}, "hookSpecificOutput");
  return ownText(answer, "permissionDecision") === "deny"
    ? (ownText(answer, "permissionDecisionReason") ?? "The edit was denied.")
    : null;
}

/** Commits through the guard. */
async function commit(git: DemoGit, work: TaskWork): Promise<Committed> {
  await git.text("add", "--", ...new Set(work.edits.map(({ path }) => path)));
  const message = `${work.id}: ${work.title}`;
  const { exitCode, stderr } = await git.attempt("commit", "--quiet", "-m", message);
  if (exitCode === 0) {
    return { kind: "committed", commit: await git.text("rev-parse", "HEAD") };
  }
  return { kind: "refused", reason: `The commit was refused: ${stderr.trim()}` };
}

async function finish(client: McpClient, claim: Claim | null, rest: LooseObject): Promise<void> {
  if (claim !== null) {
    const { task, fence } = claim;
    const key = `finish ${task} ${String(fence)}`;
    const answer = await client.call("finish_task", { task, fence, key, ...rest });
    if (Object.hasOwn(answer, "error")) {
      process.stderr.write(`${task}: ${JSON.stringify(answer)}\n`);
    }
  }
}
