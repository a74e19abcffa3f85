import { beforeEach, describe, expect, test } from "vitest";

import type { Principal } from "../../src/core/access/index.ts";
import { SkeinError } from "../../src/core/base/errors.ts";
import type { Caller, Claim } from "../../src/core/dispatch/index.ts";
import { aCaller, aPlan, aTask, createStand, finish, next } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { openMemoryStore } from "../support/stores.ts";
import { createSeededRandom } from "../support/virtual-time.ts";

type Standing = NonNullable<Caller["principal"]>;

const victim: Standing = { id: "token:t1", kind: "token", role: "agent" };
const attacker: Standing = { id: "token:t2", kind: "token", role: "agent" };

interface Held {
  readonly handle: string;
  readonly claim: Claim;
}

async function aVictim(stand: CoordinationStand): Promise<Held> {
  await stand.dispatch.importPlan(aPlan([aTask("T1", { files: ["src/a.ts"] }), aTask("T2")]), {
    actor: "person:eve",
  });
  const caller = aCaller("ada", { principal: victim });
  const { standing, claim } = await stand.dispatch.nextTask(next(caller));
  if (claim === null) {
    throw new Error("The victim got no task.");
  }
  await stand.dispatch.claimFiles({
    caller: { ...caller, handle: standing.handle },
    paths: ["docs/"],
    mode: "exclusive",
    durationMs: null,
    reason: "notes",
    waitMs: 0,
    origin: "files",
    key: null,
    signal: null,
  });
  return { handle: standing.handle, claim };
}

/** One try of the attacker, and whether it took effect. */
type Try = (caller: Caller) => Promise<boolean>;

function triesOn({ dispatch }: CoordinationStand, { claim }: Held): readonly Try[] {
  const named = { task: `${claim.task.plan}/${claim.task.id}`, fence: claim.fence };
  const update = { note: "mine", percent: 1, addPaths: [], usage: [], key: null };
  const files = {
    mode: "exclusive",
    durationMs: null,
    reason: "",
    waitMs: 0,
    origin: "files",
  } as const;
  return [
    async (caller) => {
      await dispatch.updateTask({ caller, ...named, ...update });
      return true;
    },
    async (caller) => {
      await dispatch.finishTask(finish(caller, named));
      return true;
    },
    async (caller) => {
      await dispatch.finishTask(finish(caller, named, { outcome: "released" }));
      return true;
    },
    async (caller) => {
      const { released } = await dispatch.releaseFiles({ caller, leases: ["docs/"], key: null });
      return released.length > 0;
    },
    async (caller) => {
      const { released } = await dispatch.releaseFiles({ caller, leases: ["L1", "L2"], key: null });
      return released.length > 0;
    },
    async (caller) => {
      const paths = ["src/a.ts"];
      return (await dispatch.claimFiles({ caller, paths, ...files, key: null, signal: null }))
        .granted;
    },
    async (caller) => {
      const { claim: got } = await dispatch.nextTask(next(caller, { task: "T1" }));
      return got?.task.id === "T1";
    },
  ];
}

async function isRefused(work: Promise<boolean>): Promise<boolean> {
  return work.then(
    (didSucceed) => !didSucceed,
    (error: unknown) => error instanceof SkeinError,
  );
}

describe("one principal against another", () => {
  let stand: CoordinationStand;

  beforeEach(async () => {
    stand = await createStand(openMemoryStore);
  });

  test("0 of 1,000 calls take what another holds: with its handle, its host's id, as its child or by its names", async () => {
    const held = await aVictim(stand);
    const tries = triesOn(stand, held);
    const random = createSeededRandom(18);
    const disguises: readonly ((number: number) => Caller)[] = [
      () => aCaller("x", { principal: attacker, handle: held.handle }),
      () => aCaller("ada", { principal: attacker }),
      () => aCaller("ada", { principal: attacker, externalId: "token:t1/test:ada" }),
      (number) =>
        aCaller(`child${String(number % 5)}`, {
          principal: attacker,
          parentExternalId: "token:t1/test:ada",
        }),
      (number) =>
        aCaller(`child${String(number % 5)}`, {
          principal: attacker,
          parentExternalId: "test:ada",
        }),
      () => aCaller("lead", { principal: attacker, role: "lead" }),
    ];
    let succeeded = 0;
    for (let number = 0; number < 1_000; number += 1) {
      const [which = 0, how = 0] = random.bytes(2);
      const attempt = tries[which % tries.length];
      const caller = disguises[how % disguises.length]?.(number);
      if (attempt === undefined || caller === undefined) {
        throw new Error("There is no such try.");
      }
      // Each session may call so often only: what that refuses would prove nothing.
      stand.time.advance(1_000);
      succeeded += (await isRefused(attempt(caller))) ? 0 : 1;
    }
    const task = await stand.store.read((reader) => stand.plans.resolve(reader, "T1", null));
    const leases = await stand.store.read((reader) => stand.leases.list(reader));
    const mine = await stand.dispatch.finishTask(
      finish(aCaller("x", { principal: victim, handle: held.handle }), {
        task: "demo/T1",
        fence: held.claim.fence,
      }),
    );

    expect(succeeded).toBe(0);
    expect([task.status, task.session, task.note]).toEqual(["claimed", "s1", null]);
    expect(leases.filter(({ session }) => session === "s1")).toHaveLength(2);
    expect(mine.task.status).toBe("done");
  });

  test("a handle is refused under another token by a code of its own, and tells nothing", async () => {
    const { handle } = await aVictim(stand);
    const stolen = aCaller("x", { principal: attacker, handle });

    await expect(stand.dispatch.identify(stolen)).rejects.toMatchObject({ code: "SKN-3303" });
    await expect(stand.dispatch.find(stolen)).rejects.toMatchObject({ code: "SKN-3303" });
  });

  test("two principals whose hosts name them alike are two sessions", async () => {
    const one = await stand.dispatch.identify(aCaller("ada", { principal: victim }));
    const other = await stand.dispatch.identify(aCaller("ada", { principal: attacker }));
    const again = await stand.dispatch.identify(aCaller("ada", { principal: victim }));

    expect([one.session.id, other.session.id, again.session.id]).toEqual(["s1", "s2", "s1"]);
    expect(one.session).toMatchObject({ principal: "token:t1" });
  });

  test("a session of a process on the machine is no session of a token, and is one of the machine's own secret", async () => {
    const { handle } = await stand.dispatch.identify(aCaller("ada"));
    const loopback: Standing = { id: "loopback", kind: "loopback", role: "admin" };
    const over = await stand.dispatch.identify(aCaller("bob", { principal: loopback }));

    await expect(
      stand.dispatch.identify(aCaller("x", { principal: victim, handle })),
    ).rejects.toMatchObject({ code: "SKN-3303" });
    expect(
      (await stand.dispatch.identify(aCaller("x", { principal: loopback, handle }))).session.id,
    ).toBe("s1");
    expect((await stand.dispatch.identify(aCaller("bob"))).session.id).toBe(over.session.id);
  });

  test.each(["lead", "Manager", "le\u{200B}ad", " lead\n"])(
    "an agent's token makes no session that leads: %j",
    async (role) => {
      const tierUnder = async (standing: Pick<Principal, "role">): Promise<string> => {
        const principal: Standing = { id: `token:${standing.role}`, kind: "token", ...standing };
        const joined = await stand.dispatch.identify(aCaller(role, { principal, role: "worker" }));
        const renewed = await stand.dispatch.identify(aCaller(role, { principal, role }));
        return `${joined.session.tier} ${renewed.session.tier}`;
      };

      expect(await tierUnder({ role: "agent" })).toBe("worker worker");
      expect(await tierUnder({ role: "manager" })).not.toBe("worker worker");
    },
  );
});
