import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createEventFollower } from "../../src/mcp/event-follower.ts";
import type { EventFollower } from "../../src/mcp/event-follower.ts";
import type { Skein } from "../../src/core/index.ts";
import { createCoordinatedRepository } from "../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../support/coordinated-repository.ts";

const patience = { timeout: 20_000 };

let repository: CoordinatedRepository;

beforeEach(async () => {
  repository = await createCoordinatedRepository();
});

afterEach(async () => {
  await repository.remove();
});

interface Following {
  readonly follower: EventFollower;
  /** The numbers of the events that were told. */
  readonly told: number[];
  /** What happens once, while the next answer of the store is on its way. */
  readonly onAnswer: (() => void)[];
}

/** Follows the repository's log, in which something goes on while its end is looked up. */
function aFollower(events: Partial<Skein["events"]> = {}): Following {
  const { skein } = repository.project;
  // As over a network: while one answer is on its way, another question is asked.
  const read: Skein["store"]["read"] = async (work) => {
    const answer = await skein.store.read(work);
    onAnswer.pop()?.();
    await setTimeout(20);
    return answer;
  };
  const told: number[] = [];
  const onAnswer: (() => void)[] = [];
  const follower = createEventFollower(
    {
      open: async () =>
        Promise.resolve({
          skein: {
            ...skein,
            store: { ...skein.store, read },
            events: { ...skein.events, ...events },
          },
        }),
      log: () => undefined,
    },
    async (page) => {
      told.push(...page.map(({ seq }) => seq));
      return Promise.resolve();
    },
  );
  return { follower, told, onAnswer };
}

async function headSeq(): Promise<number> {
  const { store, events } = repository.project.skein;
  return (await store.read((reader) => events.head(reader))).seq;
}

describe("createEventFollower", () => {
  test("tells nothing of before when it rings while the end is looked up", async () => {
    await repository.claim("ada", ["a.ts"]);
    const before = await headSeq();
    const rings: (() => void)[] = [];
    const { follower, told, onAnswer } = aFollower({
      watch: (onRing) => {
        rings.push(onRing);
        return () => undefined;
      },
    });
    onAnswer.push(() => rings[0]?.());

    await follower.start();
    await repository.claim("ada", ["b.ts"]);
    rings[0]?.();
    await vi.waitFor(() => {
      expect(told.length).toBeGreaterThan(0);
    }, patience);

    expect(before).toBeGreaterThan(0);
    expect(told.filter((seq) => seq <= before)).toEqual([]);
  });

  test("begins anew where the store was away at first", async () => {
    const { events } = repository.project.skein;
    let isAway = true;
    const { follower, told } = aFollower({
      head: async (reader) => {
        if (isAway) {
          throw new Error("the store is away");
        }
        return events.head(reader);
      },
    });
    await expect(follower.start()).rejects.toThrow("away");
    isAway = false;
    await repository.claim("ada", ["a.ts"]);
    const before = await headSeq();

    await follower.start();
    await repository.claim("ada", ["b.ts"]);

    await vi.waitFor(() => {
      expect(told.length).toBeGreaterThan(0);
    }, patience);
    follower.stop();
    expect(told.filter((seq) => seq <= before)).toEqual([]);
  });

  test("tells what it could not read at first, though nothing changes after it", async () => {
    const { events } = repository.project.skein;
    let isAway = false;
    const rings: (() => void)[] = [];
    const { follower, told: seqs } = aFollower({
      watch: (onRing) => {
        rings.push(onRing);
        return () => undefined;
      },
      afterTold: async (reader, told, limit) => {
        if (isAway) {
          isAway = false;
          throw new Error("the store is away");
        }
        return events.afterTold(reader, told, limit);
      },
    });
    await follower.start();
    await repository.claim("ada", ["a.ts"]);
    isAway = true;

    rings[0]?.();

    await vi.waitFor(() => {
      expect(seqs.length).toBeGreaterThan(0);
    }, patience);
    follower.stop();
  });

  test("goes on with a log that lost its end", async () => {
    await repository.claim("ada", ["a.ts"]);
    await repository.claim("ada", ["b.ts"]);
    const { skein } = repository.project;
    const { follower, told } = aFollower();
    await follower.start();
    const before = await headSeq();

    await skein.store.write(async (tx) => {
      const hash = await skein.events.hashOf(tx, before - 1);
      await tx.run("DELETE FROM events WHERE project = ? AND seq = ?", [tx.project, before]);
      await tx.run("UPDATE event_heads SET last_seq = ?, last_hash = ? WHERE project = ?", [
        before - 1,
        hash,
        tx.project,
      ]);
    });
    await repository.claim("ada", ["c.ts"]);

    await vi.waitFor(async () => {
      expect(told.at(-1)).toBe(await headSeq());
    }, patience);
    follower.stop();
  });
});
