import { describe, expect, test } from "vitest";
import { charactersAtOnce } from "../../src/core/dispatch/checking.ts";
import { aCaller, createStand } from "../support/coordination.ts";
import { countingOpener } from "../support/counted-store.ts";
import { eachStore } from "../support/stores.ts";

const long = "a".repeat(200);

/** So many paths that they are asked about in several parts. */
function manyPaths(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `src/${long}/${String(at)}.ts`);
}

eachStore("a question about many paths", (open) => {
  describe("check", () => {
    test("is asked in parts of a bounded size, and answered whole and in order", async () => {
      const [counted, counts] = countingOpener(open);
      const { dispatch } = await createStand(counted);
      const [first = "", ...others] = manyPaths(400);
      await dispatch.claimFiles({
        caller: aCaller("ada"),
        paths: [first, "src/**/7.ts"],
        mode: "exclusive",
        durationMs: null,
        reason: "",
        waitMs: 0,
        origin: "files",
        key: null,
        signal: null,
      });
      counts.reads = 0;

      const verdicts = await dispatch.check(null, [first, ...others]);

      const characters = [first, ...others].join("").length;
      expect(counts.reads).toBeGreaterThanOrEqual(characters / charactersAtOnce);
      expect(counts.reads).toBeLessThanOrEqual(characters / charactersAtOnce + 2);
      expect([...verdicts.keys()]).toEqual([first, ...others]);
      const foreign = [...verdicts].filter(([, { kind }]) => kind === "foreign");
      expect(foreign.map(([path]) => path)).toEqual([first, others[6]]);
    });

    test("lets writers come between, however many ask", async () => {
      const { dispatch, store } = await createStand(open);
      const ended: string[] = [];
      const note = (name: string) => (): void => {
        ended.push(name);
      };

      const asking = Array.from({ length: 4 }, async () =>
        dispatch.check(null, manyPaths(800)).then(note("question")),
      );
      await store.write((tx) => Promise.resolve(tx.nowMs)).then(note("write"));
      await Promise.all(asking);

      expect(ended[0]).toBe("write");
    });

    test("many small ones of one round of events are bounded together, and all are answered", async () => {
      const [counted, counts] = countingOpener(open);
      const { dispatch } = await createStand(counted);
      counts.reads = 0;

      const asking = Array.from({ length: 40 }, async () => dispatch.check(null, manyPaths(35)));
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      const begun = counts.reads;
      const answers = await Promise.all(asking);

      // Two have room in a round, and two rounds may have begun.
      expect(begun).toBeLessThanOrEqual(4);
      expect(counts.reads).toBe(40);
      expect(answers.every((verdicts) => verdicts.size === 35)).toBe(true);
    });

    test("small ones go on when one of them cannot be answered", async () => {
      const { dispatch, store } = await createStand(open);
      await store.close();

      const asking = Array.from({ length: 40 }, async () => dispatch.check(null, manyPaths(35)));

      const ends = await Promise.allSettled(asking);
      expect(ends.every(({ status }) => status === "rejected")).toBe(true);
    });

    test("is asked at once where it is small", async () => {
      const [counted, counts] = countingOpener(open);
      const { dispatch } = await createStand(counted);
      counts.reads = 0;

      await dispatch.check(null, manyPaths(20));

      expect(counts.reads).toBe(1);
    });
  });
});
