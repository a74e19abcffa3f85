import { afterEach, describe, expect, test, vi } from "vitest";

import { startProgress } from "../../src/cli/review-progress.ts";
import type { CliIo } from "../../src/cli/io.ts";

const terminal: CliIo = {
  cwd: "/",
  env: {},
  isInteractive: false,
  isTerminal: true,
  write: () => undefined,
  draw: () => undefined,
  warn: () => undefined,
  readInput: async () => "",
  ask: async () => "",
  signal: new AbortController().signal,
};

afterEach(() => {
  vi.restoreAllMocks();
});

describe("the display of a review", () => {
  test("leaves Ctrl-C to the review, which settles its money and publishes what there is", async () => {
    vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const before = ["SIGINT", "SIGTERM"].map((name) => process.listenerCount(name));

    const progress = await startProgress(terminal, true);
    const meanwhile = ["SIGINT", "SIGTERM"].map((name) => process.listenerCount(name));
    await progress.end();

    expect(meanwhile).toEqual(before);
  });

  test("ticks off no phase in which nobody answered", async () => {
    let drawn = "";
    vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      drawn += String(text);
      return true;
    });

    const stopped = await startProgress(terminal, true);
    stopped.onEvent({ kind: "phase_started", phase: "generate", seats: 2 });
    await stopped.end();

    expect(drawn).toContain("Reviewers read the change");
    expect(drawn).toContain("Reviewers vote");
    expect(drawn).not.toMatch(/\[COMPLETED\]|\u2714/u);
  });
});
