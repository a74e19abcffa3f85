import { readFileSync } from "node:fs";
import { createCoordinatedRepository } from "../../test/support/coordinated-repository.ts";
import { startMcpProcess } from "../../test/support/mcp-process.ts";
import type { McpProcess } from "../../test/support/mcp-process.ts";
import { inFolder, aPlan, aTask, joinMany } from "./stand.ts";
import { summarise } from "./contest.ts";
import { slowDisk } from "./slow-disk.ts";
import type { ClaimContest, ClaimReport, ClaimResult } from "./contest.ts";

/**
 * The same contest between servers of the tools as they are installed: each is a `skein mcp` of its own with sessions that claim a task, think,
 * hand it in, think; this process is the host of all, and times each call from its line to the answer's.
 */
export async function runServerContest(contest: ClaimContest): Promise<ClaimResult> {
  const repository = await createCoordinatedRepository();
  try {
    const { skein } = repository.project;
    const plan = Array.from({ length: contest.tasks }, (_, at) => aTask(`T${String(at + 1)}`));
    await skein.dispatch.importPlan(aPlan(plan), { actor: "system" });
    const callers = await joinMany(skein, contest.processes * contest.sessionsEach);
    const handles = callers.map(({ handle }) => handle ?? "");
    return await inFolder(async (folder) => {
      const env = contest.fsyncMs > 0 ? slowDisk(folder, contest.fsyncMs) : {};
      const servers = await startAll(repository.root, contest.processes, env);
      const reports = await compete(servers, handles, contest);
      await Promise.all(servers.map(leave));
      return summarise(reports, contest);
    });
  } finally {
    await repository.remove();
  }
}

/** A few at a time: starting them is no part of the contest. */
async function startAll(
  root: string,
  count: number,
  env: Readonly<Record<string, string>>,
): Promise<readonly McpProcess[]> {
  const servers: McpProcess[] = [];
  while (servers.length < count) {
    const some = Array.from({ length: Math.min(4, count - servers.length) }, async () =>
      startMcpProcess(root, env),
    );
    servers.push(...(await Promise.all(some)));
  }
  return servers;
}

async function leave({ child, exited }: McpProcess): Promise<void> {
  child.stdin.end();
  await exited;
}

interface Times {
  readonly warmMs: number;
  readonly endMs: number;
}

async function compete(
  servers: readonly McpProcess[],
  handles: readonly string[],
  contest: ClaimContest,
): Promise<readonly ClaimReport[]> {
  const warmMs = performance.now() + contest.warmUpMs;
  const times = { warmMs, endMs: warmMs + contest.runMs };
  const before = pause(contest.warmUpMs).then(() => servers.map(processorMs));
  const reports = await Promise.all(
    servers.map(async (server, at) => {
      const from = at * contest.sessionsEach;
      const own = handles.slice(from, from + contest.sessionsEach);
      return serveSessions(server, own, { contest, times });
    }),
  );
  const atStart = await before;
  return reports.map((report, at) => {
    const server = servers[at];
    const now = server === undefined ? 0 : processorMs(server);
    return { ...report, cpuMs: now - (atStart[at] ?? 0) };
  });
}

interface Rules {
  readonly contest: ClaimContest;
  readonly times: Times;
}

async function serveSessions(
  server: McpProcess,
  handles: readonly string[],
  rules: Rules,
): Promise<ClaimReport> {
  const report = { claimMs: [], finishMs: [], queued: [], cpuMs: 0, failures: 0 };
  await Promise.all(handles.map(async (handle) => work(server, handle, { ...rules, report })));
  return report;
}

interface Counted {
  readonly claimMs: number[];
  readonly finishMs: number[];
  failures: number;
}

async function work(
  server: McpProcess,
  session: string,
  { contest, times, report }: Rules & { readonly report: Counted },
): Promise<void> {
  // The think time is that of the process; its sessions share it.
  const thinkMs = contest.thinkMs * contest.sessionsEach;
  const think = async (): Promise<void> => pause(-Math.log(1 - Math.random()) * thinkMs);
  const timed = async (name: string, args: object, into: number[]): Promise<object> => {
    const startMs = performance.now();
    const { result } = await server.request("tools/call", { name, arguments: args });
    const answer: unknown = result?.["structuredContent"];
    if (result?.["isError"] === true || typeof answer !== "object" || answer === null) {
      throw new Error(JSON.stringify(result));
    }
    if (startMs >= times.warmMs) {
      into.push(performance.now() - startMs);
    }
    return answer;
  };
  await pause(Math.random() * thinkMs);
  while (performance.now() < times.endMs) {
    try {
      const answer = await timed("next_task", { session }, report.claimMs);
      const task: unknown = Reflect.get(Object(Reflect.get(answer, "task")), "id");
      const fence: unknown = Reflect.get(answer, "fence");
      await think();
      const handedIn = { session, task, fence, outcome: "submitted", summary: "done" };
      await timed("finish_task", handedIn, report.finishMs);
    } catch (error) {
      report.failures += 1;
      console.error(error instanceof Error ? error.message.slice(0, 300) : error);
      await pause(10);
    }
    await think();
  }
}

/** The processor's time of all threads of a process so far, in milliseconds (Linux). */
function processorMs({ child }: McpProcess): number {
  const stat = readFileSync(`/proc/${String(child.pid)}/stat`, "utf8");
  const [user = "0", system = "0"] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13);
  return (Number(user) + Number(system)) * tickMs;
}

/** What Linux counts in: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html (`sysconf(_SC_CLK_TCK)`). */
const tickMs = 10;

async function pause(ms: number): Promise<void> {
  if (ms > 0) {
    await new Promise((resolve) => {
      setTimeout(resolve, ms);
    });
  }
}
