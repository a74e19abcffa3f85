import { expect, test } from "vitest";
import { createCallLedger, migrations } from "../../src/core/index.ts";
import type { CallLedgerDeps, RunLedger } from "../../src/core/index.ts";
import { priceRow } from "../../src/core/costs/index.ts";
import type { CallGrant, CallSettlement, PlannedCall } from "../../src/core/models/index.ts";
import { createUpkeep } from "../../src/core/upkeep/index.ts";
import { createStand } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { aModel } from "../support/models.ts";
import { eachStore } from "../support/stores.ts";

const price = priceRow("m", { input: 1, output: 10, cacheRead: 0.1, cacheWrite: 1 });

const call: PlannedCall = {
  tag: { run: "R1", seat: "1", phase: "generate", occurrence: 1 },
  model: aModel(),
  attempt: 1,
  inputTokens: 1_000,
  outputTokens: 100,
};

/** What `call` costs at most: 1,000 tokens in at 1 USD a million, 100 out at 10. */
const worst = 2_000;

const purpose = { session: null, plan: null, task: null, pr: 7, issue: null, author: null };

const unknown: CallSettlement = { outcome: "unknown", usage: null };

const ofOther: PlannedCall = { ...call, tag: { ...call.tag, run: "R2" } };

function aLedger(stand: CoordinationStand, odd: Partial<CallLedgerDeps> = {}): RunLedger {
  return createCallLedger({
    store: stand.store,
    costs: stand.costs,
    priceOf: () => price,
    purpose,
    limits: { pullRequest: 10_000 },
    actor: "person:eve",
    ...odd,
  });
}

/** What is set aside and what is spent in the pull request's budget. */
async function sums({ store, costs }: CoordinationStand): Promise<string> {
  const budget = await store.read(async (reader) => costs.budget(reader, "pr:7"));
  return `${String(budget?.reservedMicroUsd)}+${String(budget?.spentMicroUsd)}`;
}

async function grantOf(ledger: RunLedger, planned = call): Promise<CallGrant> {
  const reservation = await ledger.reserve(planned);
  if (reservation.kind === "refused") {
    throw new Error(reservation.message);
  }
  return reservation.grant;
}

/** Time goes by for all that is set aside. */
async function pass({ store }: CoordinationStand, ms: number): Promise<void> {
  await store.write(async (tx) =>
    tx.run("UPDATE call_reservations SET made_at_ms = made_at_ms - ? WHERE project = ?", [
      ms,
      tx.project,
    ]),
  );
}

async function violations(stand: CoordinationStand): Promise<unknown> {
  const policy = { caseInsensitive: false };
  const upkeep = createUpkeep({ ...stand, migrations, policy, shelf: null });
  return (await upkeep.verify()).violations;
}

eachStore("money of a run", (open) => {
  test("is set aside as a whole, and its calls draw on it", async () => {
    const stand = await createStand(open);
    const ledger = aLedger(stand);

    const left = await ledger.setAside("R1", 3 * worst);
    const before = await sums(stand);
    const grant = await grantOf(ledger);
    const during = await sums(stand);
    await ledger.settle(grant, unknown);
    const after = await sums(stand);
    await ledger.letGo("R1");

    expect(left).toBeNull();
    expect([before, during, after]).toEqual(["6000+0", "6000+0", "4000+2000"]);
    expect(await sums(stand)).toBe("0+2000");
    expect(await violations(stand)).toEqual([]);
  });

  test("is set aside anew in place of what was set aside before", async () => {
    const stand = await createStand(open);
    const ledger = aLedger(stand);
    await ledger.setAside("R1", 4 * worst);

    const less = await ledger.setAside("R1", 3 * worst);
    const held = await sums(stand);
    await ledger.letGo("R1");

    expect([less, held, await sums(stand)]).toEqual([null, "6000+0", "0+0"]);
    expect(await violations(stand)).toEqual([]);
  });

  test("is not there for others, and for itself to the end", async () => {
    const stand = await createStand(open);
    const [ledger, other] = [aLedger(stand), aLedger(stand)];
    await ledger.setAside("R1", 4 * worst);
    await grantOf(other, ofOther);

    const refused = await other.reserve(ofOther);
    const grants = [];
    for (const seat of ["1", "2", "3", "4"]) {
      grants.push(await grantOf(ledger, { ...call, tag: { ...call.tag, seat } }));
    }
    const beyond = await ledger.reserve(call);

    expect(refused).toMatchObject({ kind: "refused", message: expect.stringContaining("pr:7") });
    expect(grants).toHaveLength(4);
    expect(beyond).toMatchObject({ kind: "refused" });
    expect(await sums(stand)).toBe("10000+0");
    expect(await violations(stand)).toEqual([]);
  });

  test("is refused as a whole where a budget has no room, with what is left", async () => {
    const stand = await createStand(open);
    const ledger = aLedger(stand);
    await ledger.settle(await grantOf(ledger, ofOther), unknown);

    const left = await ledger.setAside("R1", 5 * worst);

    expect(left).toEqual({ of: "pr:7", microUsd: 8_000 });
    expect(await sums(stand)).toBe("0+2000");
    expect(await violations(stand)).toEqual([]);
  });

  test("pays for first tries alone, so that a later phase finds its part", async () => {
    const stand = await createStand(open);
    const ledger = aLedger(stand);
    await ledger.setAside("R1", 2 * worst);

    await grantOf(ledger, { ...call, attempt: 2 });
    await grantOf(ledger, { ...call, tag: { ...call.tag, occurrence: 2 } });
    const retried = await sums(stand);
    await grantOf(ledger);

    expect(retried).toBe("8000+0");
    expect(await sums(stand)).toBe("8000+0");
    expect(await violations(stand)).toEqual([]);
  });

  test("covers a part of a call that is dearer than what is left of it", async () => {
    const stand = await createStand(open);
    const ledger = aLedger(stand);
    await ledger.setAside("R1", worst - 500);

    const grant = await grantOf(ledger);
    const during = await sums(stand);
    await ledger.settle(grant, { outcome: "unsent", usage: null });

    expect(during).toBe("2000+0");
    expect(await sums(stand)).toBe("0+0");
    expect(await violations(stand)).toEqual([]);
  });

  test("does not make a budget look used up before it is", async () => {
    const warnings: string[] = [];
    const stand = await createStand(open);
    const ledger = aLedger(stand, {
      onWarning: (sentence) => {
        warnings.push(sentence);
      },
    });
    await ledger.setAside("R1", 5 * worst);

    await grantOf(ledger);

    expect(warnings).toEqual([]);
  });

  test("that nobody lets go is free again once its process must be gone, and charged to nobody", async () => {
    const stand = await createStand(open);
    await aLedger(stand).setAside("R1", 5 * worst);
    await pass(stand, 1_801_000);

    await grantOf(aLedger(stand), ofOther);

    expect(await sums(stand)).toBe("2000+0");
    expect(await violations(stand)).toEqual([]);
  });

  test("that nobody lets go keeps no later run from beginning, though it held all that there is", async () => {
    const stand = await createStand(open);
    const gone = aLedger(stand);
    await gone.setAside("R1", 5 * worst);
    await grantOf(gone);
    const during = await aLedger(stand).room();
    await pass(stand, 1_801_000);

    const room = await aLedger(stand).room();

    expect(during).toEqual({ of: "pr:7", microUsd: 0 });
    expect(room).toEqual({ of: "pr:7", microUsd: 8_000 });
    expect(await sums(stand)).toBe("0+2000");
    expect(await violations(stand)).toEqual([]);
  });

  test("that was set aside and drawn by no call is not told as a call that was charged", async () => {
    const stand = await createStand(open);
    const gone = aLedger(stand);
    await gone.setAside("R1", 5 * worst);
    await grantOf(gone);
    await pass(stand, 1_801_000);

    const charged = await stand.store.write(async (tx) => stand.costs.settleAbandonedCalls(tx));

    expect(charged).toBe(1);
  });

  test("of two runs at once fits what there is, or is not set aside", async () => {
    const stand = await createStand(open);
    const ledgers = Array.from({ length: 6 }, () => aLedger(stand));

    const left = await Promise.all(
      ledgers.map(async (ledger, at) => ledger.setAside(`R${String(at)}`, 2 * worst)),
    );

    expect(left.filter((each) => each === null)).toHaveLength(2);
    expect(await sums(stand)).toBe("8000+0");
    expect(await violations(stand)).toEqual([]);
  });
});
