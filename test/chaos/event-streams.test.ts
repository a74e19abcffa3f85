import { Agent, request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { createChance } from "../../src/cli/demo/chance.ts";
import type { Chance } from "../../src/cli/demo/chance.ts";
import { openProject } from "../../src/compose.ts";
import { openProjectServer } from "../../src/compose-projects.ts";
import type { ServedProject } from "../../src/compose-projects.ts";
import { createLoopbackGate, startHttpServer } from "../../src/http/index.ts";
import type { HttpServer } from "../../src/http/index.ts";
import { usualLimits } from "../../src/http/lanes.ts";
import { createCoordinatedRepository, plainEnv } from "../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../support/coordinated-repository.ts";
import { createPostgresPlace, postgresUrl } from "../support/postgres.ts";
import type { PostgresPlace } from "../support/postgres.ts";
import { insist } from "../support/postgres-team.ts";
import { proofRun, replayLine } from "../support/proof.ts";

const { count: drops, seed } = proofRun("R23", 1_000);
const token = "a-token-that-only-this-stand-knows-00000000";

interface Stand {
  /** The project at each node. */
  readonly bases: readonly string[];
  /** Where the log is written. */
  readonly project: ServedProject;
}

const open: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).toReversed()) {
    await close();
  }
});

async function openNode(
  repository: CoordinatedRepository,
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly server: HttpServer; readonly project: ServedProject }> {
  const projects = await openProjectServer({ cwd: repository.root, env });
  const [name = ""] = await projects.projects();
  const server = await startHttpServer({
    projects,
    gate: createLoopbackGate({ token, person: "ada", origins: [] }),
    version: "0.0.0",
    env,
    host: "127.0.0.1",
    port: 0,
    origins: [],
    commands: null,
    log: () => {},
    streams: { beatMs: 50, slowMs: 60_000 },
    // Nobody is turned away because the machine has much to do.
    limits: { ...usualLimits, lagMs: { take: 600_000, read: 600_000, wait: 600_000 } },
  });
  open.push(async () => server.drain({ noticeMs: 0, withinMs: 5_000 }));
  return { server, project: await projects.open(name) };
}

/** One node over the repository's own file, or two over a database. */
async function createStand(place: PostgresPlace | null): Promise<Stand> {
  const repository = await createCoordinatedRepository();
  open.push(async () => repository.remove());
  if (place === null) {
    const { server, project } = await openNode(repository, plainEnv);
    return { bases: [server.url], project };
  }
  open.push(async () => place.remove());
  const env = { ...plainEnv, SKEIN_DATABASE_URL: place.url, SKEIN_PROJECT: "demo" };
  const made = await openProject({ cwd: repository.root, env, unknownProject: "add" });
  await made.skein.close();
  const nodes = [await openNode(repository, env), await openNode(repository, env)];
  const [first] = nodes;
  if (first === undefined) {
    throw new Error("There is no node.");
  }
  return { bases: nodes.map(({ server }) => server.url), project: first.project };
}

/** How a reader ends its stream: in the midst of whatever bytes, or after an event; slow ones rest between pieces. */
interface Visit {
  readonly mostBytes: number;
  readonly restMs: number;
}

interface Reader {
  last: number;
  drops: number;
  readonly faults: string[];
}

/** Opens the stream behind the last event that the reader had whole, and leaves it again. Whatever was cut off does not count. */
async function visit(base: string, reader: Reader, { mostBytes, restMs }: Visit): Promise<void> {
  const agent = new Agent();
  await new Promise<void>((resolve, reject) => {
    const asked = request(
      `${base}/api/v1/events`,
      { agent, headers: { authorization: `Bearer ${token}`, "last-event-id": reader.last } },
      (answer) => {
        // Whoever stood still for a minute while it asked is sent away, and asks again.
        if (answer.statusCode !== 200 && answer.statusCode !== 408) {
          reject(new Error(`The stream was answered with ${String(answer.statusCode)}.`));
        }
        let [text, bytes] = ["", 0];
        answer.on("data", (part: Buffer) => {
          const left = part.subarray(0, Math.max(0, mostBytes - bytes));
          bytes += left.length;
          text += left.toString("latin1");
          const blocks = text.split("\n\n");
          text = blocks.pop() ?? "";
          for (const block of blocks) {
            take(reader, block);
          }
          if (bytes >= mostBytes) {
            asked.destroy();
          } else if (restMs > 0) {
            answer.pause();
            setTimeout(() => answer.resume(), restMs);
          }
        });
        answer.once("close", resolve);
      },
    );
    asked.once("error", () => {
      resolve();
    });
    asked.end();
  });
  agent.destroy();
  reader.drops += 1;
}

function take(reader: Reader, block: string): void {
  const [, id, data = "{}"] = /^id: (\d+)\ndata: (.*)$/u.exec(block) ?? [];
  if (id === undefined) {
    return;
  }
  const event: { readonly seq?: number } = JSON.parse(data);
  if (Number(id) !== reader.last + 1 || event.seq !== Number(id)) {
    reader.faults.push(`${id} (${String(event.seq)}) came after ${String(reader.last)}`);
  }
  reader.last = Number(id);
}

async function write({ skein }: ServedProject, count: number): Promise<void> {
  await skein.store.write(async (tx) => {
    for (let index = 0; index < count; index += 1) {
      const text = "x".repeat(index * 7);
      const about = { actor: "person:ada", cause: null, changes: [] } as const;
      await skein.events.append(tx, { kind: "note.made", ...about, data: { text } });
    }
  });
}

/** Archives whatever every reader has, so that streams go on in front of the archive's end. */
async function compact({ skein }: ServedProject, upTo: number): Promise<number> {
  return skein.store.write(async (tx) => {
    const archived = await skein.events.archivedTo(tx);
    const [event] = upTo <= archived.seq + 1 ? [] : await skein.events.after(tx, upTo - 1, 1);
    return event === undefined ? 0 : skein.events.archive(tx, event.atMs);
  });
}

function visitBy(chance: Chance): Visit {
  const isSlow = chance.next() < 0.1;
  return { mostBytes: chance.between(1, isSlow ? 4_000 : 20_000), restMs: isSlow ? 5 : 0 };
}

async function readersDrop({ bases, project }: Stand): Promise<void> {
  const readers: Reader[] = Array.from({ length: 10 }, () => ({ last: 0, drops: 0, faults: [] }));
  const each = Math.ceil(drops / readers.length);
  const over = new AbortController();
  let archived = 0;
  const writing = (async () => {
    while (!over.signal.aborted) {
      const behind = Math.min(...readers.map(({ last }) => last));
      const { skein } = project;
      const { seq } = await insist(() => skein.store.read((from) => skein.events.head(from)));
      // As far in front of the readers as they can ever fall behind.
      if (seq - behind < 3_000) {
        await insist(async () => write(project, 40));
      } else {
        await pause(5);
      }
      archived += await insist(async () => compact(project, behind));
    }
  })();
  const reading = readers.map(async (reader, at) => {
    const chance = createChance(seed, `reader-${String(at)}`);
    while (reader.drops < each) {
      const base = bases[chance.between(0, bases.length - 1)] ?? "";
      await visit(base, reader, visitBy(chance));
    }
  });
  // The writer ends before them only when it fails; they would wait for it until their time is over.
  await Promise.race([Promise.all(reading), writing]).finally(() => {
    over.abort();
  });
  await writing;
  const { skein } = project;
  const { faults } = await skein.store.read((from) => skein.events.check(from));

  expect(readers.flatMap((reader) => reader.faults)).toEqual([]);
  expect(Math.min(...readers.map((reader) => reader.last))).toBeGreaterThan(each);
  expect(archived).toBeGreaterThan(0);
  expect(faults).toEqual([]);
  await expectTold({ bases, project });
}

/** A reader who stayed away until what it lacks was archived hears so and from where to go on: nothing is left out in silence. */
async function expectTold({ bases: [base = ""], project }: Stand): Promise<void> {
  const { skein } = project;
  const { seq } = await skein.store.read((from) => skein.events.archivedTo(from));
  const headers = { authorization: `Bearer ${token}`, "last-event-id": "0" };
  const response = await fetch(`${base}/api/v1/events`, { headers });
  const told: unknown = await response.json();
  const late: Reader = { last: seq, drops: 0, faults: [] };
  await visit(base, late, { mostBytes: 5_000, restMs: 0 });

  expect(response.status).toBe(404);
  expect(told).toMatchObject({ error: { code: "SKN-5201", facts: { archived_seq: seq } } });
  expect(late.last).toBeGreaterThan(seq);
  expect(late.faults).toEqual([]);
}

const line = replayLine("R23", seed, "test/chaos/event-streams.test.ts").replace(
  "R23=1 ",
  `R23=${String(drops)} `,
);

describe("streams of events that break off", () => {
  const title = `R23: ${String(drops)} drops at whatever byte, slow readers, and a log that is archived meanwhile: no gap, nothing twice (seed ${String(seed)})`;

  test(`${title}, on SQLite`, { timeout: 900_000 }, async () => {
    console.log(line);
    await readersDrop(await createStand(null));
  });

  test.skipIf(postgresUrl === null)(
    `${title}, on PostgreSQL between two nodes`,
    { timeout: 900_000 },
    async () => {
      console.log(line);
      await readersDrop(await createStand(await createPostgresPlace(postgresUrl ?? "")));
    },
  );
});
