import { describe, expect, test } from "vitest";
import { systemTimer } from "../../src/adapters/process/timer.ts";
import { createEventFeed, createEvents, eventsMigration } from "../../src/core/events/index.ts";
import type { Doorbell, Event, EventFeed, Events } from "../../src/core/events/index.ts";
import type { Store } from "../../src/core/store/index.ts";
import { eachStore } from "../support/stores.ts";
import type { OpenTestStore } from "../support/stores.ts";

interface Stand {
  readonly store: Store;
  readonly events: Events;
  readonly feed: EventFeed;
  /** Times that the log was read. */
  readonly reads: () => number;
  /** How many of these were under way together, at the most. */
  readonly together: () => number;
}

/** A doorbell of this process alone. */
function createOwnDoorbell(): Doorbell {
  const watchers = new Set<() => void>();
  return {
    ring: () => {
      for (const watcher of watchers) {
        setImmediate(watcher);
      }
    },
    watch: (onRing) => {
      watchers.add(onRing);
      return () => watchers.delete(onRing);
    },
    close: () => undefined,
  };
}

async function stand(open: OpenTestStore, keep?: number): Promise<Stand> {
  const { store } = await open({ migrations: [eventsMigration] });
  const events = createEvents({ doorbell: createOwnDoorbell() });
  let [reads, running, most] = [0, 0, 0];
  const glance: Store["glance"] = async (work) => {
    reads += 1;
    running += 1;
    most = Math.max(most, running);
    try {
      return await store.glance(work);
    } finally {
      running -= 1;
    }
  };
  const feed = createEventFeed({ store: { glance }, events, timer: systemTimer, keep });
  return { store, events, feed, reads: () => reads, together: () => most };
}

/** Has the log end earlier, as a database that failed over to a standby which did not have the end yet. */
async function loseEnd({ store, events }: Stand, lastSeq: number): Promise<void> {
  await store.write(async (tx) => {
    const hash = await events.hashOf(tx, lastSeq);
    await tx.run("DELETE FROM events WHERE project = ? AND seq > ?", [tx.project, lastSeq]);
    await tx.run("UPDATE event_heads SET last_seq = ?, last_hash = ? WHERE project = ?", [
      lastSeq,
      hash,
      tx.project,
    ]);
  });
}

async function write({ store, events }: Stand, count: number, data = {}): Promise<void> {
  await store.write(async (tx) => {
    for (let index = 0; index < count; index += 1) {
      await events.append(tx, {
        kind: "task.claimed",
        actor: "system",
        cause: null,
        data,
        changes: [],
      });
    }
  });
}

/** Tells events from those that had the same numbers. */
const afterwards = { note: "of another history" };

/** Follows until `count` events are there. */
async function take(feed: EventFeed, since: number, count: number): Promise<readonly number[]> {
  const seqs: number[] = [];
  const ending = new AbortController();
  for await (const page of feed.follow(since, ending.signal)) {
    seqs.push(...page.map(({ seq }: Event) => seq));
    if (seqs.length >= count) {
      break;
    }
  }
  return seqs;
}

const upTo = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_none, index) => first + index);

eachStore("createEventFeed", (open) => {
  describe("follow", () => {
    test("gives what is in the log and then what comes, in order and once", async () => {
      const here = await stand(open);
      await write(here, 3);
      const following = take(here.feed, 1, 5);

      await write(here, 1);
      await write(here, 2);

      expect(await following).toEqual([2, 3, 4, 5, 6]);
    });

    test("goes on where each of 1,000 dropped readers was, without a gap or a double", async () => {
      const here = await stand(open, 50);
      const total = 2_000;
      const writing = (async () => {
        for (let written = 0; written < total; written += 50) {
          await write(here, 50);
        }
      })();
      const seen: number[] = [];
      let drops = 0;
      while (seen.length < total) {
        const ending = new AbortController();
        for await (const page of here.feed.follow(seen.at(-1) ?? 0, ending.signal)) {
          // A reader that drops within a page has only the first of it.
          seen.push(...page.slice(0, 1 + (drops % 3)).map(({ seq }) => seq));
          break;
        }
        drops += 1;
      }
      await writing;

      expect(drops).toBeGreaterThanOrEqual(1_000);
      expect(seen).toEqual(upTo(1, total));
    });

    test("reads the log for all who follow it, however many they are", async () => {
      const here = await stand(open);
      const many = Array.from({ length: 20 }, () => take(here.feed, 0, 100));
      // All of them have begun once one more has.
      await write(here, 1);
      await take(here.feed, 0, 1);
      const before = here.reads();

      for (let round = 0; round < 11; round += 1) {
        await write(here, 9);
      }

      for (const seqs of await Promise.all(many)) {
        expect(seqs).toEqual(upTo(1, 100));
      }
      // Each ring may cost a read, and one more that finds nothing.
      expect(here.reads() - before).toBeLessThanOrEqual(2 * 11);
    });

    test("holds nobody up for a reader that asks for nothing", async () => {
      const here = await stand(open, 10);
      const ending = new AbortController();
      const slow = here.feed.follow(0, ending.signal);
      await write(here, 1);
      const first = await slow.next();
      const following = take(here.feed, 1, 60);
      for (let round = 0; round < 6; round += 1) {
        await write(here, 10);
      }

      expect(await following).toEqual(upTo(2, 61));
      const late = await slow.next();
      expect(first.value?.map(({ seq }) => seq)).toEqual([1]);
      expect(late.value?.map(({ seq }) => seq)).toEqual(upTo(2, 61));
      await slow.return();
    });

    test.each([
      ["has not come as far again", 1],
      ["has come further meanwhile", 9],
    ])("ends for who was told what the log lost, where it %s", async (_which, more) => {
      const here = await stand(open);
      await write(here, 5);
      const ending = new AbortController();
      const first = here.feed.follow(0, ending.signal);
      const second = here.feed.follow(5, ending.signal);
      await first.next();
      const waiting = [first.next(), second.next()].map(async (page) => page);

      await loseEnd(here, 2);
      await write(here, more, afterwards);

      for (const page of waiting) {
        await expect(page).rejects.toMatchObject({
          code: "SKN-5202",
          facts: { last_seq: 2 + more },
        });
      }
      expect(await take(here.feed, 2, more)).toEqual(upTo(3, 2 + more));
      ending.abort();
    });

    test("ends for a slow reader whose last event the log lost", async () => {
      const here = await stand(open, 2);
      await write(here, 5);
      const slow = here.feed.follow(0, new AbortController().signal);
      await slow.next();
      await loseEnd(here, 2);
      await write(here, 20, afterwards);

      await expect(slow.next()).rejects.toMatchObject({ code: "SKN-5202" });
    });

    test("lets few of many who are behind read at a time, and gives each a hundred events at the most", async () => {
      const here = await stand(open, 1);
      await write(here, 250);
      const ending = new AbortController();
      const many = Array.from({ length: 40 }, () => here.feed.follow(0, ending.signal));

      const pages = await Promise.all(many.map(async (each) => (await each.next()).value ?? []));

      expect(pages.map((page) => page.map(({ seq }) => seq))).toEqual(many.map(() => upTo(1, 100)));
      // Beside four of them the end of the log may be read for all.
      expect(here.together()).toBeLessThanOrEqual(5);
      ending.abort();
      await Promise.all(many.map(async (each) => each.return()));
    });

    test("ends when its signal aborts", async () => {
      const here = await stand(open);
      const ending = new AbortController();
      const pages = here.feed.follow(0, ending.signal).next();

      ending.abort();

      expect(await pages).toEqual({ done: true, value: undefined });
    });

    test("tells one whose place was archived", async () => {
      const here = await stand(open, 1);
      await write(here, 3);
      await here.store.write((tx) => here.events.archive(tx, tx.nowMs + 60_000));

      const page = here.feed.follow(0, new AbortController().signal).next();

      await expect(page).rejects.toMatchObject({ code: "SKN-5201" });
    });
  });
});
