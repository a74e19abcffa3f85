import { appendFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { z } from "zod";
import type { Ground } from "./ground.ts";
import { fileOf } from "./plan.ts";

/** What one client did. */
export interface Worked {
  readonly name: string;
  readonly tasks: readonly string[];
}

const given = z.looseObject({
  session: z.string(),
  task: z.looseObject({ id: z.string(), base_commits: z.array(z.unknown()).optional() }).nullable(),
  fence: z.number().nullable().optional(),
  waiting: z.unknown().optional(),
});

const finished = z.looseObject({ status: z.string() });

const patienceMs = 150_000;

/** A real MCP client in a worktree of its own, which claims, edits, commits by the guard and hands in until the plan is done. */
export async function workThrough(ground: Ground, name: string): Promise<Worked> {
  const worktree = join(dirname(ground.repository), name);
  ground.git("worktree", "add", "--quiet", "--detach", worktree, "main");
  const client = new Client({ name: `newcomer-${name}`, version: "1" });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [ground.program, "mcp"],
      cwd: worktree,
      env: { ...ground.env },
      stderr: "ignore",
    }),
  );
  const tasks: string[] = [];
  const untilMs = Date.now() + patienceMs;
  while (Date.now() < untilMs && !isDone(ground)) {
    const turn = given.parse(await call(client, "next_task", { name, wait_seconds: 2 }));
    if (turn.task !== null) {
      const id = turn.task.id.split("/").at(-1) ?? "";
      const commit = change(ground, worktree, id);
      const args = { task: turn.task.id, fence: turn.fence, outcome: "submitted", commit };
      finished.parse(
        await call(client, "finish_task", {
          session: turn.session,
          ...args,
          summary: `${id} is done`,
        }),
      );
      tasks.push(id);
    }
  }
  await client.close();
  ground.git("worktree", "remove", "--force", worktree);
  return { name, tasks };
}

function isDone({ state }: Ground): boolean {
  return state().tasks.every(({ status }) => status === "done");
}

async function call(
  client: Client,
  tool: string,
  args: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const answer = await client.callTool({ name: tool, arguments: args });
  if (answer.isError === true) {
    throw new Error(`${tool}: ${JSON.stringify(answer.structuredContent ?? answer.content)}`);
  }
  return answer.structuredContent;
}

/** Edits the task's file on top of what has landed, commits it through git's hooks, and answers the commit. */
function change({ gitIn }: Ground, worktree: string, id: string): string {
  const must = (...args: readonly string[]): string => {
    const { code, output } = gitIn(worktree, ...args);
    if (code !== 0) {
      throw new Error(`git ${args.join(" ")}: ${output}`);
    }
    return output;
  };
  must("checkout", "--quiet", "-B", `work-${id}`, "main");
  const path = join(worktree, fileOf[id] ?? "");
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, `// ${id}\n`);
  must("add", "--all");
  must("commit", "--quiet", "-m", `Do ${id}`);
  return must("rev-parse", "HEAD").trim();
}
