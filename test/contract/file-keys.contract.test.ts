import { describe, expect, test } from "vitest";
import type { ClaimFilesRequest } from "../../src/core/dispatch/index.ts";
import { aCaller, aPlan, aTask, createStand } from "../support/coordination.ts";
import { eachStore } from "../support/stores.ts";

const ada = aCaller("ada");

function claim(paths: readonly string[], odd: Partial<ClaimFilesRequest> = {}): ClaimFilesRequest {
  return {
    caller: ada,
    paths,
    mode: "exclusive",
    durationMs: null,
    reason: "",
    waitMs: 0,
    origin: "files",
    key: null,
    signal: null,
    ...odd,
  };
}

eachStore("files that are claimed and released with a key", (open) => {
  describe("claimFiles", () => {
    test("gives the same lease for the same key, and refuses the key for other paths", async () => {
      const { dispatch, leases, store } = await createStand(open);
      const first = await dispatch.claimFiles(claim(["a.ts"], { key: "k1" }));
      const again = await dispatch.claimFiles(claim(["a.ts"], { key: "k1" }));

      const other = dispatch.claimFiles(claim(["b.ts"], { key: "k1" }));

      await expect(other).rejects.toMatchObject({ code: "SKN-4301" });
      expect(again.leases).toMatchObject([{ id: first.leases[0]?.id }]);
      expect(await store.read((reader) => leases.list(reader))).toHaveLength(1);
    });

    test("tries again with the same key after a refusal, and after the lease has ended", async () => {
      const { dispatch } = await createStand(open);
      const bob = aCaller("bob");
      await dispatch.claimFiles(claim(["a.ts"], { caller: bob }));

      const refused = await dispatch.claimFiles(claim(["a.ts"], { key: "k1" }));
      await dispatch.releaseFiles({ caller: bob, leases: [], key: null });
      const granted = await dispatch.claimFiles(claim(["a.ts"], { key: "k1" }));
      await dispatch.releaseFiles({ caller: ada, leases: [], key: null });
      const anew = await dispatch.claimFiles(claim(["a.ts"], { key: "k1" }));

      expect([refused.granted, granted.granted, anew.granted]).toEqual([false, true, true]);
      expect(anew.leases[0]?.id).not.toBe(granted.leases[0]?.id);
    });
  });

  describe("claimFiles that may wait", () => {
    test("tells whoever holds paths at once that others are held", async () => {
      const { dispatch, time } = await createStand(open);
      await dispatch.claimFiles(claim(["a.ts"], { caller: aCaller("bob") }));
      await dispatch.claimFiles(claim(["b.ts"]));
      const askedAtMs = time.monotonicMs();

      const refused = await dispatch.claimFiles(claim(["a.ts"], { waitMs: 45_000 }));

      expect(refused).toMatchObject({ granted: false, ahead: null });
      expect(time.monotonicMs()).toBe(askedAtMs);
    });
  });

  describe("releaseFiles", () => {
    test("tells again what it gave back, and gives back nothing that was claimed since", async () => {
      const { dispatch, leases, store } = await createStand(open);
      await dispatch.claimFiles(claim(["a.ts"]));
      const lost = await dispatch.releaseFiles({ caller: ada, leases: [], key: "k1" });
      await dispatch.claimFiles(claim(["b.ts"]));

      const again = await dispatch.releaseFiles({ caller: ada, leases: [], key: "k1" });
      const other = dispatch.releaseFiles({ caller: ada, leases: ["b.ts"], key: "k1" });

      await expect(other).rejects.toMatchObject({ code: "SKN-4301" });
      expect(again.released.map(({ id }) => id)).toEqual(lost.released.map(({ id }) => id));
      expect(lost.released).toHaveLength(1);
      expect(await store.read((reader) => leases.list(reader))).toMatchObject([
        { patterns: [{ text: "b.ts" }] },
      ]);
    });
  });
});

function pathKind(): never {
  const error = new Error("ENAMETOOLONG: name too long, stat '/home/ada/x'");
  throw Object.assign(error, { code: "ENAMETOOLONG" });
}

eachStore("paths that cannot be looked at", (open) => {
  test("are refused where they come in, with what the system says and no place of this machine", async () => {
    const { dispatch } = await createStand(open, 1, { pathKind });
    const plan = aPlan([aTask("T1", { files: ["x"], line: 4 })]);

    const expected = { code: "SKN-1509", kind: "usage" };
    await expect(dispatch.claimFiles(claim(["x"]))).rejects.toMatchObject({
      ...expected,
      message: 'The path "x" cannot be looked at (ENAMETOOLONG).',
    });
    await expect(dispatch.importPlan(plan, { actor: "person:ana" })).rejects.toMatchObject({
      ...expected,
      message: 'Line 4: the scope of T1: The path "x" cannot be looked at (ENAMETOOLONG).',
    });
  });

  test("are told of a whole plan at once, with those that no request may name", async () => {
    const { dispatch } = await createStand(open);
    const plan = aPlan([
      aTask("T1", { files: [".git/x", "a"], line: 3 }),
      aTask("T2", { files: ["NUL"], line: 7 }),
    ]);

    const refused = dispatch.importPlan(plan, { actor: "person:ana" });

    await expect(refused).rejects.toMatchObject({
      code: "SKN-1504",
      message: expect.stringMatching(/^Line 3: the scope of T1: .*\(and 1 more\)$/u),
      facts: {
        error_count: 2,
        errors: [
          { line: 3, task: "T1", path: ".git/x" },
          { line: 7, task: "T2", path: "NUL" },
        ],
      },
    });
  });
});
