import { describe, expect, test } from "vitest";
import { createEffort, parsePathPattern } from "../../../src/core/leases/index.ts";
import type { PathPattern } from "../../../src/core/leases/index.ts";
import { createLeaseStand, leaseMigrations } from "../../support/leases.ts";
import type { LeaseStand } from "../../support/leases.ts";
import { openMemoryStore } from "../../support/stores.ts";

const ada = { id: "s1", ancestors: [] } as const;

async function aStand(): Promise<LeaseStand> {
  const { store } = await openMemoryStore({ migrations: leaseMigrations });
  const stand = createLeaseStand(store);
  stand.join("s1");
  stand.join("s2");
  return stand;
}

function scope(...texts: readonly string[]): readonly PathPattern[] {
  return texts.map((text) => parsePathPattern(text));
}

describe("search", () => {
  test("tells of each scope the first lease in its way, and passes over its own and ended ones", async () => {
    const { ask, leases, write } = await aStand();
    await ask("s1", "src/own*.ts");
    await ask("s2", "src/a*.ts docs/");

    const { found } = await write(async (tx) =>
      leases
        .search(tx, ada)
        .firstInTheWay(
          [scope("src/own1.ts"), scope("lib/*.ts", "src/*.ts"), scope("docs/a.md"), scope()],
          createEffort(),
        ),
    );

    expect(found.map((each) => each?.meeting.pattern.text ?? null)).toEqual([
      null,
      "src/*.ts",
      "docs/a.md",
      null,
    ]);
    expect(found[1]?.refusal).toMatchObject({ path: "src/*.ts", holder: "s2" });
  });

  test("stops when its effort is spent, and says how far it came in the next scope", async () => {
    const { ask, leases, write } = await aStand();
    await ask("s2", "src/a*.ts");
    const long = scope(...Array.from({ length: 20 }, (_, at) => `src/x${String(at)}*.ts`));

    const result = await write(async (tx) =>
      leases.search(tx, ada).firstInTheWay([scope("src/a1.ts"), long], createEffort(3_000)),
    );

    expect(result.found).toHaveLength(1);
    expect(result.patternsDone).toBeGreaterThan(0);
    expect(result.patternsDone).toBeLessThan(20);
  });

  test("looks an earlier meeting up again, and takes no other lease of that number for it", async () => {
    const { ask, leases, write } = await aStand();
    const outcome = await ask("s2", "src/a*.ts");
    const pattern = { kind: "literal", text: "src/a1.ts" } as const;
    const held = { kind: "glob", text: "src/a*.ts" } as const;
    const still = async (): Promise<readonly (string | null)[]> =>
      write(async (tx) => {
        const refusals = await leases.search(tx, ada).still([
          { pattern, lease: 1, held },
          { pattern, lease: 1, held: { ...held, text: "src/b*.ts" } },
          { pattern, lease: 9, held },
        ]);
        return refusals.map((refusal) => refusal?.holder ?? null);
      });

    expect(await still()).toEqual(["s2", null, null]);
    const id = outcome.kind === "granted" ? outcome.lease.id : "";
    const because = { actor: "person:ana", cause: null, reason: "released" } as const;
    await write(async (tx) => leases.release(tx, { kind: "leases", ids: [id] }, because));
    expect(await still()).toEqual([null, null, null]);
  });
});
