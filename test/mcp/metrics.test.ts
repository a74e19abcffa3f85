import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openProject } from "../../src/compose.ts";
import type { MetricSeries } from "../../src/core/metrics/index.ts";
import { plainEnv } from "../support/coordinated-repository.ts";
import { createMcpStand } from "../support/mcp-client.ts";
import type { McpStand } from "../support/mcp-client.ts";

let stand: McpStand;

beforeEach(async () => {
  stand = await createMcpStand();
});

afterEach(async () => {
  await stand.close();
});

/** What is in the store. */
async function stored(): Promise<readonly MetricSeries[]> {
  const { skein } = await openProject({ cwd: stand.repository.root, env: plainEnv });
  const series = await skein.store.read(async (reader) => skein.metrics.since(reader, 0));
  await skein.close();
  return series;
}

describe("a server", () => {
  test("leaves behind how long its tools took and how they ended", async () => {
    const agent = await stand.connect();
    await agent.call("next_task", { name: "grace" });
    await agent.call("look", { at: "board" });
    await agent.call("look", { at: "task", id: "none/T9" });
    const during = await stored();

    await agent.close();

    const series = await stored();
    const counts = series
      .filter(({ name }) => name === "tool_call")
      .map(
        ({ labels, whole }) =>
          `${labels["tool"] ?? ""} ${labels["outcome"] ?? ""} ${String(whole.count)}`,
      );
    expect(during).toEqual([]);
    expect(counts).toEqual(["look ok 1", "next_task ok 1", "look refused 1"]);
    expect(series.find(({ name }) => name === "process_memory")?.whole.count).toBe(1);
  });
});
