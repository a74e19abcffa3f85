import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { Agent } from "node:http";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { openProject } from "../src/compose.ts";
import { createCoordinatedRepository, plainEnv } from "../test/support/coordinated-repository.ts";
import { createPostgresPlace, postgresUrl } from "../test/support/postgres.ts";
import { atLeast, atMost, isQuick, report } from "./support/figure.ts";
import type { Figure } from "./support/figure.ts";
import { call, callersOf, firstLine, leave, startSkein, stop } from "./support/http-nodes.ts";
import type { Caller, Node } from "./support/http-nodes.ts";
import { median, quantile, rounded } from "./support/statistics.ts";

const warmUp = 60;
const calls = warmUp + (isQuick ? 100 : 600);

/** `skein serve`: one call over the SDK's least server, many busy clients on one file, and many sessions on two nodes. */
async function main(): Promise<void> {
  report([...(await overFloor()), ...(await busyClients()), ...(await twoNodes())]);
}

/** The same client against both, call by call in turns: a tool that writes and waits for the disk. */
async function overFloor(): Promise<readonly Figure[]> {
  const repository = await createCoordinatedRepository();
  const ours = await startSkein(repository.root);
  const child = spawn(
    process.execPath,
    [
      join(import.meta.dirname, "support", "trivial-http-server.js"),
      join(repository.root, "notes.db"),
    ],
    { stdio: ["ignore", "pipe", "ignore"] },
  );
  const trivial = { child, url: await firstLine(child), token: "none" };
  const [one, other] = [
    await connect(`${ours.url}/mcp`, ours.token),
    await connect(trivial.url, "none"),
  ];
  const [ourMs, trivialMs]: [number[], number[]] = [[], []];
  // A session may make 600 changing calls a minute, so that they take turns.
  const joining = callersOf([ours], 20);
  const sessions = await Promise.all(
    joining.map(async (caller) => (await call(caller, "next_task", {})).body["session"]),
  );
  leave(joining);
  for (let at = 0; at < calls; at += 1) {
    trivialMs.push(await timed(other, "note", { text: "a note" }));
    ourMs.push(
      await timed(one, "send_message", {
        session: sessions[at % sessions.length],
        to: "all",
        text: "a note",
      }),
    );
  }
  await Promise.all([one.close(), other.close()]);
  await Promise.all([stop(ours), stop(trivial)]);
  await repository.remove();
  const [p50, floor] = [median(ourMs.slice(warmUp)), median(trivialMs.slice(warmUp))];
  return [
    {
      name: "a tool call over HTTP, over the SDK's least tool with one write",
      value: rounded(p50 / floor),
      unit: "x",
      target: atMost(1.5),
    },
    { name: "a tool call over HTTP, p50", value: rounded(p50), unit: "ms", target: null },
    {
      name: "the SDK's least tool over HTTP, p50",
      value: rounded(floor),
      unit: "ms",
      target: null,
    },
  ];
}

async function connect(url: string, token: string): Promise<Client> {
  const client = new Client({ name: "bench", version: "1.0.0" });
  const headers = { authorization: `Bearer ${token}` };
  await client.connect(
    new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }),
  );
  return client;
}

async function timed(
  client: Client,
  name: string,
  args: Readonly<Record<string, unknown>>,
): Promise<number> {
  const startMs = performance.now();
  const answer = await client.callTool({ name, arguments: { ...args } });
  if (answer.isError === true) {
    throw new Error(JSON.stringify(answer.structuredContent));
  }
  return performance.now() - startMs;
}

interface Load {
  readonly callers: readonly Caller[];
  readonly thinkMs: number;
  /** What each call says besides that its agent lives; nothing: a renewal alone. */
  readonly said: Readonly<Record<string, string>>;
  readonly runMs: number;
}

interface Measured {
  readonly ms: readonly number[];
  readonly byCaller: readonly number[];
  readonly failures: number;
}

/**
 * Each caller claims a task and renews it, again and again, with a pause between. They begin within one pause, each at a moment of its own: agents that work
 * do not call in the same millisecond.
 */
async function renew({ callers, thinkMs, runMs, said }: Load): Promise<Measured> {
  const claims = await claimsOf(callers);
  let failures = 0;
  const endMs = performance.now() + runMs;
  const all = await Promise.all(
    callers.map(async (caller, at) => {
      const mine: number[] = [];
      await pause(thinkMs * Math.random());
      while (performance.now() < endMs) {
        const startMs = performance.now();
        const { status } = await call(caller, "update_task", { ...claims[at], ...said });
        mine.push(performance.now() - startMs);
        failures += status === 200 ? 0 : 1;
        await pause(thinkMs * (0.5 + Math.random()));
      }
      return mine;
    }),
  );
  return { ms: all.flat(), byCaller: all.map(({ length }) => length), failures };
}

interface Claim {
  readonly task: unknown;
  readonly fence: unknown;
}

async function claimsOf(callers: readonly Caller[]): Promise<readonly Claim[]> {
  return Promise.all(
    callers.map(async (caller) => {
      const { body } = await call(caller, "next_task", {});
      return { task: Reflect.get(Object(body["task"]), "id"), fence: body["fence"] };
    }),
  );
}

async function pause(ms: number): Promise<void> {
  if (ms > 0) {
    await new Promise((resolve) => {
      setTimeout(resolve, ms);
    });
  }
}

function manyTasks(count: number): unknown {
  const tasks = Array.from({ length: count }, (_, at) => ({
    id: `T${String(at + 1)}`,
    title: "One",
  }));
  return { plan: "p", title: "P", verify: "none", tasks };
}

/** Clients that ask again 10 ms after each answer: the one writer puts them into common commits. */
async function busyClients(): Promise<readonly Figure[]> {
  const repository = await createCoordinatedRepository();
  const node = await startSkein(repository.root);
  const callers = callersOf([node], 64);
  await call({ node, agent: new Agent(), id: "bench:lead" }, "propose_plan", manyTasks(64));
  await renew({ callers, thinkMs: 150, said: { note: "still here" }, runMs: 2_000 });
  const { ms, byCaller, failures } = await renew({
    callers,
    thinkMs: 150,
    said: { note: "still here" },
    runMs: isQuick ? 3_000 : 15_000,
  });
  leave(callers);
  await stop(node);
  await repository.remove();
  return [
    {
      name: "64 clients of one server on SQLite, p99",
      value: rounded(quantile(ms, 0.99)),
      unit: "ms",
      target: atMost(20),
    },
    { name: "64 clients of one server on SQLite, calls", value: ms.length, unit: "", target: null },
    {
      name: "the client served least, over the one served most",
      value: rounded(Math.min(...byCaller) / Math.max(...byCaller)),
      unit: "x",
      target: atLeast(0.5),
    },
    { name: "64 clients, failures", value: failures, unit: "", target: atMost(0) },
  ];
}

/** All callers renew in the same moment, five times; tells when the last one was answered, in milliseconds, at the median. */
async function renewAtOnce(callers: readonly Caller[]): Promise<number> {
  const wholes: number[] = [];
  const claims = await claimsOf(callers);
  for (let round = 0; round < 5; round += 1) {
    const startMs = performance.now();
    await Promise.all(
      callers.map(async (caller, at) => call(caller, "update_task", { ...claims[at] })),
    );
    wholes.push(performance.now() - startMs);
  }
  return median(wholes);
}

/** How many sessions the two nodes have. */
const sessions = 200;

/** How long the load on two nodes lasts, in minutes; `SKEIN_BENCH_MINUTES=10` for the whole proof. */
const minutes = Number(process.env["SKEIN_BENCH_MINUTES"] ?? (isQuick ? 0.1 : 1));

async function twoNodes(): Promise<readonly Figure[]> {
  if (postgresUrl === null) {
    return [];
  }
  const place = await createPostgresPlace(postgresUrl);
  const repository = await createCoordinatedRepository();
  // As the image and the systemd unit start a server.
  const NODE_OPTIONS = "--max-semi-space-size=16";
  const env = { SKEIN_DATABASE_URL: place.url, SKEIN_PROJECT: "bench", NODE_OPTIONS };
  const made = await openProject({
    cwd: repository.root,
    env: { ...plainEnv, ...env },
    unknownProject: "add",
  });
  await made.skein.close();
  const nodes = await Promise.all(
    ["one", "other"].map(async (name) =>
      startSkein(repository.root, {
        env,
        args: ["--token-file", join(repository.root, "..", name)],
      }),
    ),
  );
  const callers = callersOf(nodes, sessions);
  const [first] = nodes;
  if (first !== undefined) {
    await call(
      { node: first, agent: new Agent(), id: "bench:lead" },
      "propose_plan",
      manyTasks(sessions),
    );
  }
  await renew({ callers, thinkMs: 1_000, said: {}, runMs: 5_000 });
  const before = memoryOf(nodes);
  const { ms, failures } = await renew({
    callers,
    thinkMs: 1_000,
    said: {},
    runMs: minutes * 60_000,
  });
  const after = memoryOf(nodes);
  const whole = await renewAtOnce(callers);
  leave(callers);
  await Promise.all(nodes.map(stop));
  await repository.remove();
  await place.remove();
  return [
    {
      name: "200 sessions on two nodes over PostgreSQL, renewals, p99",
      value: rounded(quantile(ms, 0.99)),
      unit: "ms",
      target: atMost(50),
    },
    { name: "200 sessions on two nodes, failures", value: failures, unit: "", target: atMost(0) },
    {
      name: "200 sessions on two nodes, memory at the end over the beginning",
      value: rounded(after / before),
      unit: "x",
      target: atMost(1.5),
    },
    {
      name: "200 renewals in the same moment, the last one answered",
      value: rounded(whole),
      unit: "ms",
      target: null,
    },
  ];
}

function memoryOf(nodes: readonly Node[]): number {
  return nodes
    .map(({ child }) => readFileSync(`/proc/${String(child.pid)}/status`, "utf8"))
    .reduce((sum, text) => sum + Number(/VmRSS:\s+(\d+)/u.exec(text)?.[1] ?? 0), 0);
}

await main();
