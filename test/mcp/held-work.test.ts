import { describe, expect, test } from "vitest";
import { holdWork } from "../../src/mcp/held-work.ts";

describe("holdWork", () => {
  test("holds all that runs, and of what has ended only the newest", async () => {
    const held = holdWork<string>(2);
    const ends: (() => void)[] = [];
    const works = ["a", "b", "c", "d"].map((name) => {
      const done = new Promise<void>((resolve) => {
        ends.push(resolve);
      });
      held.hold(name, name, done);
      return done;
    });
    const all = held.all();

    for (const end of ends.slice(0, 3)) {
      end();
    }
    await Promise.all(works.slice(0, 3));

    expect(all).toEqual(["a", "b", "c", "d"]);
    expect(held.all()).toEqual(["b", "c", "d"]);
  });

  test("counts what fails as ended, and lets go of what is dropped", async () => {
    const held = holdWork<string>(1);
    const failed = Promise.reject(new Error("no"));
    held.hold("a", "a", failed);
    held.hold("b", "b", Promise.resolve());
    await failed.catch(() => undefined);
    await Promise.resolve();

    expect(held.all()).toEqual(["b"]);
    held.drop("b");
    expect(held.get("b")).toBeUndefined();
  });
});
