import { createInterface } from "node:readline";
import { createProcessProbe } from "../../src/adapters/process/probe.ts";
import { systemTimer } from "../../src/adapters/process/timer.ts";
import { readBootId, systemRandom } from "../../src/adapters/process/clock.ts";
import { createCoordination, migrations, SkeinError } from "../../src/core/index.ts";
import type { Coordination } from "../../src/core/index.ts";
import type { Caller } from "../../src/core/dispatch/index.ts";
import {
  createPostgresPool,
  isDatabaseUrl,
  openPostgresStore,
  openSqliteStore,
} from "../../src/core/store/index.ts";
import type { TimeSource } from "../../src/core/store/index.ts";
import { aCaller, finish, next } from "../support/coordination.ts";
import { fasterClock, withServerClock } from "../support/postgres-clock.ts";
import { openFailing } from "./failpoints.ts";
import type { Failpoint } from "./failpoints.ts";

/**
 * One agent as a process of its own: it opens the shared file and does what its parent writes to it, line by line. Its clock may run faster than
 * the world's (`speed`), so that half an hour of silence is over in a second; all agents of a test share the speed.
 */
const [file = "", name = "", speed = "1", skewMs = "0", life = "own"] = process.argv.slice(2);

/** What a parent may ask for. */
interface Order {
  readonly id: number;
  readonly op:
    | "arm"
    | "check"
    | "files"
    | "finish"
    | "next"
    | "recover"
    | "release"
    | "update"
    | "work";
  readonly handle?: string | null;
  readonly task?: string;
  readonly fence?: number;
  readonly path?: string;
  readonly key?: string;
  readonly point?: Failpoint;
}

const time: TimeSource = {
  wallMs: () => Date.now() + Number(skewMs),
  monotonicMs: () => Math.floor((Number(process.hrtime.bigint()) / 1e6) * Number(speed)),
  bootId: readBootId(),
};
const failing = openFailing();
const probe = createProcessProbe();
const shared = { project: "demo", migrations, time, random: systemRandom };
const settings = { waitMs: 60_000 };
const pool = isDatabaseUrl(file)
  ? await createPostgresPool({ url: file, maxConnections: 1 })
  : null;
const store =
  pool === null
    ? await openSqliteStore({ ...shared, file, openDriver: failing.open, settings })
    : await openPostgresStore({
        ...shared,
        pool: failing.onPool(withServerClock(pool, fasterClock(Number(speed)))),
        settings,
      });
const coordination: Coordination = createCoordination({
  store,
  doorbell: { ring: () => {}, watch: () => () => {}, close: () => {} },
  random: systemRandom,
  timer: { nowMs: () => time.monotonicMs(), sleep: () => Promise.resolve() },
  probe,
  policy: { caseInsensitive: false },
  pathKind: () => null,
});
const { dispatch } = coordination;

function callerOf({ handle = null }: Order): Caller {
  // Its session lives as long as this process, or as the one that started it, as with a host that restarts its server.
  const lifeline = life === "own" ? probe.self() : probe.stampOf(process.ppid);
  return aCaller(`${name}-${String(process.pid)}`, { name, handle, process: lifeline });
}

const usage = [
  {
    model: null,
    inputTokens: 1,
    outputTokens: 1,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    microUsd: 1_000,
  },
];

async function obey(order: Order): Promise<object> {
  const caller = callerOf(order);
  const { task = "", fence = 0, path = "", key = null } = order;
  switch (order.op) {
    case "arm":
      failing.arm(order.point ?? "begin");
      return {};
    case "next": {
      const { claim, standing } = await dispatch.nextTask(next(caller, { key }));
      const { handle, session } = standing;
      const given = claim === null ? null : { task: claim.task.id, fence: claim.fence };
      return { handle, session: session.id, claim: given };
    }
    case "finish": {
      const outcome = await dispatch.finishTask(finish(caller, { task, fence }, { key }));
      return { status: outcome.task.status };
    }
    case "update": {
      const request = { caller, task, fence, note: "on it", percent: 50, addPaths: [], usage, key };
      return { fence: (await dispatch.updateTask(request)).fence };
    }
    case "files": {
      const { granted, refused, standing } = await dispatch.claimFiles({
        caller,
        paths: [path],
        mode: "exclusive",
        durationMs: null,
        reason: "chaos",
        waitMs: 0,
        origin: "files",
        key: null,
        signal: null,
      });
      return { granted, holder: refused[0]?.holder ?? null, session: standing.session.id };
    }
    case "release": {
      const { released } = await dispatch.releaseFiles({ caller, leases: [path], key: null });
      return { released: released.length };
    }
    case "check": {
      const verdict = (await dispatch.check(null, [path])).get(path);
      return { holder: verdict?.kind === "foreign" ? verdict.refusal.holder : null };
    }
    case "recover":
      return { returned: (await dispatch.recover()).returnedTasks };
    case "work":
      return work(order);
  }
}

/** Works until there is nothing left, telling each claim and each end as soon as it is acknowledged. */
async function work(order: Order): Promise<object> {
  const caller = callerOf(order);
  let done = 0;
  let { claim } = await patiently(() => dispatch.nextTask(next(caller)));
  while (claim !== null) {
    tell({ ack: "claimed", task: claim.task.id, fence: claim.fence });
    const held = { task: claim.task.id, fence: claim.fence };
    const outcome = await patiently(() =>
      dispatch.finishTask(finish(caller, held, { claimNext: true })),
    );
    tell({ ack: "finished", ...held });
    done += 1;
    claim = outcome.next?.claim ?? null;
  }
  return { done };
}

/** Waits as it is told to when it calls too often. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const waitMs = error instanceof SkeinError ? error.retryAfterMs : null;
      if (typeof waitMs !== "number") {
        throw error;
      }
      await systemTimer.sleep(waitMs, null);
    }
  }
}

/** The parent reads every line, even when this process is killed right after it. */
function tell(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function answer(order: Order): Promise<void> {
  const from = Number(process.hrtime.bigint() / 1_000n);
  try {
    const result = await obey(order);
    failing.pass("before-answer");
    tell({ id: order.id, from, to: Number(process.hrtime.bigint() / 1_000n), ok: result });
  } catch (error) {
    const code = error instanceof SkeinError ? error.code : "bug";
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    tell({ id: order.id, from, to: Number(process.hrtime.bigint() / 1_000n), code, text });
  }
}

tell({ ready: process.pid });
for await (const line of createInterface({ input: process.stdin })) {
  const order: Order = JSON.parse(line);
  await answer(order);
}
await store.close();
await pool?.end();
