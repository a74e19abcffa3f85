import { afterEach, expect, test } from "vitest";
import { aTask } from "../support/coordination.ts";
import { proofRun } from "../support/proof.ts";
import { fieldPlaces, openField } from "./agents.ts";
import type { Field } from "./agents.ts";

const tasks = proofRun("R4", 500).count;
const processes = Number(process.env["SKEIN_PROOF_PROCESSES"] ?? 16);

let field: Field | null = null;
afterEach(async () => {
  await field?.clear();
});

test.each(fieldPlaces)(
  `R4: ${String(processes)} processes race for ${String(tasks)} tasks in %s, and none is given twice`,
  { timeout: 60_000 + tasks * 200 },
  async (_store, url) => {
    field = await openField(
      Array.from({ length: tasks }, (_, index) => aTask(`T${String(index)}`)),
      url,
    );
    const { start } = field;
    const agents = await Promise.all(
      Array.from({ length: processes }, async (_, index) => start(`agent-${String(index)}`)),
    );

    const answers = await Promise.all(agents.map(async (agent) => agent.ask({ op: "work" })));

    const claims = agents.flatMap(({ acks }) => acks.filter(({ ack }) => ack === "claimed"));
    const { facts, violations } = await field.inspect();
    expect(answers.filter((answer) => answer?.ok === undefined)).toEqual([]);
    expect(claims).toHaveLength(tasks);
    expect(new Set(claims.map(({ task }) => task)).size).toBe(tasks);
    expect(new Set(claims.map(({ fence }) => fence)).size).toBe(tasks);
    expect(facts.tasks.filter(({ task }) => task.status !== "done")).toEqual([]);
    expect(violations).toEqual([]);
  },
);
