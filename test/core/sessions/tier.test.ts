import { describe, expect, test } from "vitest";

import { openMemoryStore } from "../../support/stores.ts";
import { joined, nounMigrations, nounsOver } from "../../support/nouns.ts";
import { isAncestor } from "../../../src/core/sessions/index.ts";

describe("rankOf", () => {
  test.each([
    ["lead", "lead"],
    ["manager", "manager"],
    ["worker", "worker"],
    ["reviewer", "worker"],
  ])("gives the role %s without a parent the tier %s", async (role, tier) => {
    const nouns = nounsOver(await openMemoryStore({ migrations: nounMigrations }));

    expect((await joined(nouns, { role })).tier).toBe(tier);
  });

  test("ranks five layers of a team, and nobody as a lead below another", async () => {
    const nouns = nounsOver(await openMemoryStore({ migrations: nounMigrations }));
    const lead = await joined(nouns, { role: "lead" });
    const manager = await joined(nouns, { role: "lead", parent: lead.id });
    const worker = await joined(nouns, { role: "lead", parent: manager.id });
    const sub = await joined(nouns, { role: "lead", parent: worker.id });
    const deeper = await joined(nouns, { role: "lead", parent: sub.id });

    expect([lead, manager, worker, sub, deeper].map(({ tier }) => tier)).toEqual([
      "lead",
      "manager",
      "worker",
      "sub",
      "sub",
    ]);
    expect(deeper.depth).toBe(4);
    expect(deeper.ancestors).toEqual([sub.id, worker.id, manager.id, lead.id]);
    expect(isAncestor(lead.id, deeper)).toBe(true);
    expect(isAncestor(deeper.id, lead)).toBe(false);
  });

  test("refuses a parent that is not there, and a team that nests too deep", async () => {
    const nouns = nounsOver(await openMemoryStore({ migrations: nounMigrations }));
    await expect(joined(nouns, { parent: "s99" })).rejects.toMatchObject({ code: "SKN-5301" });

    let last = await joined(nouns);
    for (let depth = 1; depth <= 16; depth += 1) {
      last = await joined(nouns, { parent: last.id });
    }

    await expect(joined(nouns, { parent: last.id })).rejects.toMatchObject({ code: "SKN-1301" });
  });
});
