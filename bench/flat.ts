import { join } from "node:path";
import type { Caller } from "../src/core/dispatch/index.ts";
import type { SessionId } from "../src/core/base/ids.ts";
import { parsePlan } from "../src/core/plans/index.ts";
import { atMost, isQuick, report } from "./support/figure.ts";
import { aPlan, aTask, inFolder, joinMany, nextOf, openStand } from "./support/stand.ts";
import type { Stand } from "./support/stand.ts";
import { median, quantile, rounded } from "./support/statistics.ts";

const warmUp = 50;
const claims = warmUp + (isQuick ? 100 : 250);
const bigTasks = 10_000;

/** A project with some blocked tasks and some live leases. */
interface Load {
  readonly blocked: number;
  readonly leases: number;
  /** One lease in so many begins with `**`. */
  readonly starredEvery: number;
}

const small: Load = { blocked: 100, leases: 20, starredEvery: 600 };
const big: Load = { blocked: bigTasks, leases: 2_000, starredEvery: 600 };
const starred: Load = { ...big, starredEvery: 60 };

/** The claim in a full project over the claim in a small one, claim by claim in turns; and the import of a large plan. */
async function main(): Promise<void> {
  await inFolder(async (folder) => {
    const importMs: number[] = [];
    for (let round = 0; round < (isQuick ? 1 : 3); round += 1) {
      importMs.push(await timeImport(join(folder, `import-${String(round)}`, "skein.db")));
    }
    const one = await prepare(join(folder, "small", "skein.db"), small);
    const other = await prepare(join(folder, "big", "skein.db"), big);
    const third = await prepare(join(folder, "starred", "skein.db"), starred);
    const [smallUs, bigUs, starredUs]: [number[], number[], number[]] = [[], [], []];
    for (let at = 0; at < claims; at += 1) {
      smallUs.push(await claimUs(one, at));
      bigUs.push(await claimUs(other, at));
      starredUs.push(await claimUs(third, at));
    }
    for (const { stand } of [one, other, third]) {
      await stand.close();
    }
    const usual = quantile(smallUs.slice(warmUp), 0.25);
    const full = quantile(bigUs.slice(warmUp), 0.25);
    const fullOfStars = quantile(starredUs.slice(warmUp), 0.25);
    report([
      {
        name: "claim with 10,000 tasks and 2,000 leases over 100 and 20",
        value: rounded(full / usual),
        unit: "x",
        target: atMost(1.5),
      },
      {
        name: "the same, when one lease in 60 begins with **",
        value: rounded(fullOfStars / usual),
        unit: "x",
        target: atMost(1.5),
      },
      { name: "claim in the small project", value: rounded(usual), unit: "us", target: null },
      { name: "claim in the full project", value: rounded(full), unit: "us", target: null },
      {
        name: "import of 10,000 tasks from YAML",
        value: rounded(median(importMs) / 1_000),
        unit: "s",
        target: atMost(2),
      },
    ]);
  });
}

interface Scene {
  readonly stand: Stand;
  readonly callers: readonly Caller[];
}

async function prepare(file: string, load: Load): Promise<Scene> {
  const stand = await openStand({ file, synchronous: "normal" });
  const ready = Array.from({ length: claims }, (_, at) =>
    aTask(`R${String(at + 1)}`, {
      files: [`src/part-${String(at)}/*.ts`, `test/part-${String(at)}.test.ts`],
    }),
  );
  const blocked = Array.from({ length: load.blocked }, (_, at) =>
    aTask(`B${String(at + 1)}`, { dependsOn: ["LAST"], files: [`app/part-${String(at)}/**`] }),
  );
  const last = aTask("LAST", { priority: "low" });
  await stand.dispatch.importPlan(aPlan([...ready, last, ...blocked]), { actor: "system" });
  await leaseMany(stand, load);
  return { stand, callers: await joinMany(stand, claims) };
}

/** Half of the leases are of one path, a third of a directory, the rest of globs; some of those begin with a star. */
async function leaseMany(stand: Stand, load: Load): Promise<void> {
  const count = load.leases;
  const holders = Math.ceil(count / 20);
  for (let holder = 0; holder < holders; holder += 1) {
    await stand.store.write(async (tx) => {
      const { session } = await stand.sessions.join(tx, {
        name: null,
        role: null,
        skills: [],
        parent: null,
        client: null,
        externalId: `holder:${String(holder)}`,
        process: null,
        gitDir: null,
        branch: null,
      });
      for (let at = holder * 20; at < Math.min(count, holder * 20 + 20); at += 1) {
        await leaseOne(stand, tx, { session: session.id, path: pathOf(at, load) });
      }
    });
  }
}

async function leaseOne(
  stand: Stand,
  tx: Parameters<Stand["leases"]["grant"]>[0],
  { session, path }: { readonly session: SessionId; readonly path: string },
): Promise<void> {
  await stand.leases.grant(tx, {
    session,
    patterns: [stand.parsePath(path)],
    mode: "exclusive",
    origin: "files",
    reason: "",
    durationMs: 1_800_000,
    plan: null,
    task: null,
    branch: null,
  });
}

function pathOf(at: number, { starredEvery }: Load): string {
  const n = String(at);
  if (at % 6 < 3) {
    return `src/module-${String(at % 40)}/file-${n}.ts`;
  }
  if (at % 6 < 5) {
    return `lib/area-${String(at % 40)}/part-${n}/`;
  }
  return at % starredEvery === 5
    ? `**/*.gen${n}`
    : `test/area-${String(at % 40)}/**/*.case-${n}.ts`;
}

async function claimUs({ stand, callers }: Scene, at: number): Promise<number> {
  const caller = callers[at];
  if (caller === undefined) {
    throw new Error("The bench has no session left.");
  }
  const start = performance.now();
  const { claim } = await stand.dispatch.nextTask(nextOf(caller));
  const us = (performance.now() - start) * 1_000;
  if (claim === null) {
    throw new Error("A claim of the bench found no task.");
  }
  return us;
}

/** Milliseconds from the text of a plan to its rows. */
async function timeImport(file: string): Promise<number> {
  const stand = await openStand({ file, synchronous: "full" });
  const text = planText();
  const start = performance.now();
  const draft = parsePlan({ text, format: "yaml" });
  await stand.dispatch.importPlan(draft, { actor: "system" });
  const ms = performance.now() - start;
  await stand.close();
  return ms;
}

function planText(): string {
  const tasks = Array.from({ length: bigTasks }, (_, at) => {
    const n = String(at + 1);
    const after = at === 0 ? "[]" : `[T${String(Math.ceil(at / 2))}]`;
    return `  - id: T${n}\n    title: Task ${n}\n    spec: What to do.\n    files: ["src/part-${n}/**"]\n    depends_on: ${after}\n`;
  });
  return `plan: large\ntitle: A large plan\nverify: none\ntasks:\n${tasks.join("")}`;
}

await main();
