import { aCaller, nextOf, openStand } from "./stand.ts";
import type { Stand } from "./stand.ts";
import type { ClaimOrder, ClaimReport } from "./contest.ts";

/** One of the competing processes: its sessions work at the same time, each claims a task, thinks, hands it in, thinks. */
async function compete(order: ClaimOrder): Promise<void> {
  const stand = await openStand({ file: order.file, synchronous: "full" });
  process.send?.("ready");
  await new Promise((resolve) => process.once("message", resolve));
  const counted = { claimMs: [], finishMs: [], queued: [], failures: 0 };
  const warmMs = performance.now() + order.warmUpMs;
  const times = { warmMs, endMs: warmMs + order.runMs };
  const before = cpuAfter(order.warmUpMs);
  await Promise.all(order.handles.map((handle) => work(stand, { order, handle, times, counted })));
  const { user, system } = process.cpuUsage(await before);
  const report: ClaimReport = { ...counted, cpuMs: (user + system) / 1_000 };
  await new Promise((resolve) => process.send?.(report, resolve));
  await stand.close();
  process.disconnect();
}

async function cpuAfter(ms: number): Promise<NodeJS.CpuUsage> {
  await pause(ms);
  return process.cpuUsage();
}

interface Work {
  readonly order: ClaimOrder;
  readonly handle: string;
  readonly times: { readonly warmMs: number; readonly endMs: number };
  readonly counted: {
    readonly claimMs: number[];
    readonly finishMs: number[];
    readonly queued: number[];
    failures: number;
  };
}

async function work(stand: Stand, { order, handle, times, counted }: Work): Promise<void> {
  const caller = aCaller("", handle);
  // The think time is that of the process; its sessions share it.
  const thinkMs = order.thinkMs * order.handles.length;
  await pause(Math.random() * thinkMs);
  while (performance.now() < times.endMs) {
    try {
      const claimed = await timed(stand, times, () => stand.dispatch.nextTask(nextOf(caller)));
      const { claim } = claimed.value;
      keep(counted.claimMs, claimed.ms);
      keep(counted.queued, claimed.ms === null ? null : claimed.queued);
      if (claim === null) {
        throw new Error("No task is left; the plan of the bench is too small.");
      }
      await pause(-Math.log(1 - Math.random()) * thinkMs);
      const task = `${claim.task.plan}/${claim.task.id}`;
      const finished = await timed(stand, times, () =>
        stand.dispatch.finishTask({
          caller,
          task,
          fence: claim.fence,
          outcome: "submitted",
          summary: "done",
          cause: null,
          commit: null,
          usage: [],
          claimNext: false,
          key: null,
        }),
      );
      keep(counted.finishMs, finished.ms);
    } catch (error) {
      counted.failures += 1;
      console.error(error instanceof Error ? error.message : error);
    }
    await pause(-Math.log(1 - Math.random()) * thinkMs);
  }
}

interface Timed<T> {
  readonly value: T;
  /** Null while the process warms up. */
  readonly ms: number | null;
  /** How many calls stood in this process's queue at the start. */
  readonly queued: number;
}

async function timed<T>(
  stand: Stand,
  { warmMs }: Work["times"],
  call: () => Promise<T>,
): Promise<Timed<T>> {
  const { queued } = stand.store.load();
  const start = performance.now();
  const value = await call();
  return { value, ms: start < warmMs ? null : performance.now() - start, queued };
}

function keep(values: number[], value: number | null): void {
  if (value !== null) {
    values.push(value);
  }
}

async function pause(ms: number): Promise<void> {
  if (ms > 0) {
    await new Promise((resolve) => {
      setTimeout(resolve, ms);
    });
  }
}

process.once("message", (order: ClaimOrder) => {
  void compete(order);
});
