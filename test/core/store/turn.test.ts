import { describe, expect, test } from "vitest";
import { createTurn } from "../../../src/core/store/turn.ts";

interface Gate {
  readonly work: () => Promise<string>;
  open(): void;
}

function aGate(): Gate {
  const waiting: ((word: string) => void)[] = [];
  const passed = new Promise<string>((resolve) => {
    waiting.push(resolve);
  });
  return {
    work: async () => passed,
    open: () => {
      waiting[0]?.("through");
    },
  };
}

describe("createTurn", () => {
  test("gives the next his turn although the one before failed", async () => {
    const turn = createTurn({ limit: 10, waitMs: 1_000 });
    const failing = turn.take(async () => {
      throw new Error("failed");
    });
    const next = turn.take(async () => "mine");

    await expect(failing).rejects.toThrow("failed");
    expect(await next).toBe("mine");
    expect(turn.queued()).toBe(0);
  });

  test("refuses the one beyond its limit and keeps those before", async () => {
    const turn = createTurn({ limit: 2, waitMs: 1_000 });
    const gate = aGate();
    const first = turn.take(gate.work);
    const second = turn.take(async () => "second");

    await expect(turn.take(async () => "third")).rejects.toMatchObject({
      code: "SKN-7102",
      retryAfterMs: 100,
      facts: { queued: 2, limit: 2 },
    });
    gate.open();
    expect(await Promise.all([first, second])).toEqual(["through", "second"]);
  });

  test("tells one that waited too long, and serves those behind it", async () => {
    const turn = createTurn({ limit: 10, waitMs: 20 });
    const gate = aGate();
    const first = turn.take(gate.work);

    await expect(turn.take(async () => "late")).rejects.toMatchObject({
      code: "SKN-7101",
      retryAfterMs: 250,
    });
    const third = turn.take(async () => "third");
    gate.open();

    expect(await first).toBe("through");
    expect(await third).toBe("third");
    expect(turn.queued()).toBe(0);
  });
});
