import { createPostgresPool } from "../src/core/store/index.ts";
import type { PostgresPool } from "../src/core/store/index.ts";
import { atLeast, atMost, isQuick, report } from "./support/figure.ts";
import type { Figure } from "./support/figure.ts";
import {
  claim,
  claimAll,
  createScene,
  movedTo,
  openPostgresStand,
  recordClaims,
} from "./support/postgres-scene.ts";
import type { PostgresQuery, Scene } from "./support/postgres-scene.ts";
import { median, quantile, rounded } from "./support/statistics.ts";

const claims = isQuick ? 60 : 300;
const rounds = isQuick ? 3 : 7;
const manyProjects = 20;
/** Who claims at once in one project. */
const clients = 8;
/** Connections of one side. */
const connections = 20;

type Transactions = readonly (readonly PostgresQuery[])[];

/**
 * The claim of a task (pick, lease, reservation, event) on PostgreSQL through the core, over the same statements with the same parameters sent by
 * hand, one after the other. In one project the hand locks the counter row, too; over many it does not, and keeps no log's head: each
 * of its claims may run beside any other.
 */
async function main(): Promise<void> {
  const scene = await createScene(claims);
  try {
    await scene.copy(["recorded"]);
    const transactions = await recordClaims(scene, "recorded");
    const statements = transactions.flat().length / transactions.length;
    report([
      ...(await inOne(scene, transactions)),
      ...(await overMany(scene, transactions)),
      ...(await byHundred(scene)),
      { name: "statements a claim", value: rounded(statements), unit: "", target: null },
    ]);
  } finally {
    await scene.remove();
  }
}

/** Claims a second by the core and by hand, in turns. */
interface Rates {
  readonly core: number[];
  readonly hand: number[];
}

async function inOne(scene: Scene, transactions: Transactions): Promise<readonly Figure[]> {
  const rates: Rates = { core: [], hand: [] };
  for (let round = 0; round < rounds; round += 1) {
    const [core, hand] = [`one-core-${String(round)}`, `one-hand-${String(round)}`];
    await scene.copy([core, hand]);
    rates.core.push(await rateOfCore(scene, [core], clients));
    rates.hand.push(await rateOfHand(scene, transactions, { projects: [hand], hasCounter: true }));
  }
  return figuresOf("in one project, hand with the counter row", rates, 0.8);
}

async function overMany(scene: Scene, transactions: Transactions): Promise<readonly Figure[]> {
  const rates: Rates = { core: [], hand: [] };
  for (let round = 0; round < rounds; round += 1) {
    const names = (side: string): readonly string[] =>
      Array.from(
        { length: manyProjects },
        (_, at) => `many-${side}-${String(round)}-${String(at)}`,
      );
    const [core, hand] = [names("core"), names("hand")];
    await scene.copy([...core, ...hand]);
    rates.core.push(await rateOfCore(scene, core, 1));
    rates.hand.push(await rateOfHand(scene, transactions, { projects: hand, hasCounter: false }));
  }
  return figuresOf(`over ${String(manyProjects)} projects, hand without one`, rates, 0.6);
}

/** The first round is not counted: statements are prepared, code is compiled. */
function figuresOf(name: string, { core, hand }: Rates, target: number): readonly Figure[] {
  const [ours, theirs] = [median(core.slice(1)), median(hand.slice(1))];
  return [
    {
      name: `claim over hand-written, ${name}`,
      value: rounded(ours / theirs),
      unit: "x",
      target: atLeast(target),
    },
    { name: `claims ${name}: core`, value: rounded(ours), unit: "/s", target: null },
    { name: `claims ${name}: hand`, value: rounded(theirs), unit: "/s", target: null },
  ];
}

async function rateOfCore(
  scene: Scene,
  projects: readonly string[],
  atOnce: number,
): Promise<number> {
  const pool = await createPostgresPool({ url: scene.url, maxConnections: connections });
  const stands = await Promise.all(projects.map((project) => openPostgresStand(pool, project)));
  const startedMs = performance.now();
  await Promise.all(stands.map((stand) => claimAll(stand, scene.callers, atOnce)));
  const seconds = (performance.now() - startedMs) / 1_000;
  await Promise.all(stands.map((stand) => stand.close()));
  await pool.end();
  return (projects.length * claims) / seconds;
}

interface ByHand {
  readonly projects: readonly string[];
  readonly hasCounter: boolean;
}

async function rateOfHand(
  scene: Scene,
  transactions: Transactions,
  { projects, hasCounter }: ByHand,
): Promise<number> {
  const pool = await createPostgresPool({ url: scene.url, maxConnections: connections });
  const startedMs = performance.now();
  await Promise.all(
    projects.map(async (project) => {
      const left = transactions.toReversed();
      await Promise.all(
        Array.from({ length: hasCounter ? clients : 1 }, async () => {
          for (let next = left.pop(); next !== undefined; next = left.pop()) {
            await runByHand(pool, next, { project, hasCounter });
          }
        }),
      );
    }),
  );
  const seconds = (performance.now() - startedMs) / 1_000;
  await pool.end();
  return (projects.length * claims) / seconds;
}

const lockCounter: PostgresQuery = {
  name: "hand_lock",
  text: "SELECT project FROM store_projects WHERE project = $1 FOR UPDATE",
};

async function runByHand(
  pool: PostgresPool,
  transaction: readonly PostgresQuery[],
  { project, hasCounter }: { readonly project: string; readonly hasCounter: boolean },
): Promise<void> {
  const client = await pool.connect();
  await client.query({ text: "BEGIN" });
  if (hasCounter) {
    await client.query({ ...lockCounter, values: [project] });
  }
  for (const query of transaction) {
    if (hasCounter || !query.text.includes("event_heads")) {
      await client.query(movedTo(query, "recorded", project));
    }
  }
  await client.query({ text: "COMMIT" });
  client.release();
}

/** A hundred clients that work, each call of theirs timed, through the connections of one pool. */
async function byHundred(scene: Scene): Promise<readonly Figure[]> {
  const all = 100;
  const names = Array.from({ length: manyProjects }, (_, at) => `hundred-${String(at)}`);
  await scene.copy(names);
  const pool = await createPostgresPool({ url: scene.url, maxConnections: connections });
  const stands = await Promise.all(names.map((project) => openPostgresStand(pool, project)));
  const took: number[] = [];
  await Promise.all(
    Array.from({ length: all }, async (_, client) => {
      const stand = stands[client % manyProjects];
      const own = scene.callers.filter((__, at) => at % 5 === Math.floor(client / manyProjects));
      for (const caller of own) {
        const startedMs = performance.now();
        await claim(stand ?? raise(), caller);
        took.push(performance.now() - startedMs);
      }
    }),
  );
  await Promise.all(stands.map((stand) => stand.close()));
  await pool.end();
  // The first claims prepare the statements of every connection.
  const settled = took.slice(Math.floor(took.length / 5));
  return [
    {
      name: `claim of 100 clients through ${String(connections)} connections, p99`,
      value: rounded(quantile(settled, 0.99)),
      unit: "ms",
      target: atMost(60),
    },
  ];
}

function raise(): never {
  throw new Error("There is no such project.");
}

await main();
