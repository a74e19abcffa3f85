import { describe, expect, test } from "vitest";
import { because, createLeaseStand, leaseMigrations, patternsOf } from "../support/leases.ts";
import type { LeaseStand } from "../support/leases.ts";
import { eachStore } from "../support/stores.ts";

const ending = { ...because, reason: "released" };

eachStore("leases", (open) => {
  async function stand(): Promise<LeaseStand & { readonly nowMs: () => Promise<number> }> {
    const { store } = await open({ migrations: leaseMigrations });
    const made = createLeaseStand(store);
    for (const session of ["s1", "s2", "s3"] as const) {
      made.join(session);
    }
    return { ...made, nowMs: async () => store.read(async (reader) => reader.nowMs) };
  }

  describe("request", () => {
    test("grants free paths under the number of the grant's event", async () => {
      const { ask, events, write } = await stand();

      const outcome = await ask("s1", "src/** docs/");

      const lease = outcome.kind === "granted" ? outcome.lease : null;
      const [event] = await write(async (tx) => events.after(tx, 0, 10));
      expect(lease).toMatchObject({ id: "L1", session: "s1", fence: 1, releasedAtMs: null });
      expect(event).toMatchObject({
        seq: 1,
        kind: "lease.granted",
        actor: "session:s1",
        changes: [{ entity: "lease", id: "L1", set: { fence: 1, patterns: ["src/**", "docs/"] } }],
      });
    });

    test("takes nothing when one path of several is held, and names the holder of each", async () => {
      const { ask, leases, write } = await stand();
      await ask("s1", "src/price/ test/price.test.ts");

      const outcome = await ask("s2", "docs/a.md src/**/rules.ts");

      expect(outcome).toMatchObject({
        kind: "refused",
        ahead: null,
        refused: [
          {
            path: "src/**/rules.ts",
            holder: "s1",
            holderName: "name of s1",
            reason: "the work of s1",
            by: { id: "L1" },
          },
        ],
      });
      expect(await write(async (tx) => leases.list(tx))).toHaveLength(1);
    });

    test("finds what is held above, at and below the asked prefix", async () => {
      const { ask } = await stand();
      await ask("s1", "a/b/ c/d/e.ts f/*/g.ts **/*.lock");

      const kinds = [];
      for (const paths of [
        "a/b/c/d.ts",
        "c/",
        "f/x/g.ts",
        "f/x/h.ts",
        "z/q.lock",
        "a/bb/",
        "c/d0",
      ]) {
        kinds.push((await ask("s2", paths)).kind);
      }

      expect(kinds).toEqual([
        "refused",
        "refused",
        "refused",
        "granted",
        "refused",
        "refused",
        "granted",
      ]);
    });

    test.each([3, 4, 17])("finds what is held around a folder %i deep", async (depth) => {
      const { ask, leases, write } = await stand();
      const names = Array.from({ length: depth }, (_, at) => `f${String(at)}`);
      const above = names.map((_, at) => [...names.slice(0, at), "**/*.ts"].join("/"));
      const folder = names.join("/");

      const free: string[] = [];
      for (const held of [...above, `${folder}/`, `${folder}/x/a.ts`, `${folder}/**/*.ts`]) {
        await ask("s1", held);
        for (const paths of [`${folder}/`, `${folder}/ lib/`]) {
          const { kind } = await ask("s2", paths);
          free.push(...(kind === "granted" ? [`${held} for ${paths}`] : []));
        }
        await write((tx) => leases.release(tx, { kind: "session", session: "s1" }, ending));
      }

      expect(free).toEqual([]);
    });

    test("lets several sessions share and keeps an exclusive one out", async () => {
      const { ask } = await stand();

      const first = await ask("s1", "src/", { mode: "shared" });
      const second = await ask("s2", "src/a.ts", { mode: "shared" });
      const third = await ask("s3", "src/a.ts");

      expect([first.kind, second.kind, third.kind]).toEqual(["granted", "granted", "refused"]);
    });

    test("renews the lease of a session that asks for the same again", async () => {
      const { ask, leases, write } = await stand();
      await ask("s1", "src/a.ts src/b.ts");

      const again = await ask("s1", "src/b.ts src/a.ts", { durationMs: 3_600_000 });
      await ask("s1", "src/a.ts src/b.ts", { durationMs: 60_000 });

      expect(again).toMatchObject({ kind: "granted", lease: { id: "L1", fence: 1 } });
      expect(await write(async (tx) => leases.list(tx))).toHaveLength(1);
      expect(await write(async (tx) => leases.get(tx, "L1"))).toMatchObject({
        durationMs: 3_600_000,
      });
    });

    test("covers a descendant by its ancestor's lease, and refuses the ancestor and siblings then", async () => {
      const { ask, join } = await stand();
      join("s2", { ancestors: ["s1"] });
      join("s3", { ancestors: ["s1"] });
      await ask("s1", "src/");

      const child = await ask("s2", "src/a.ts");
      const sibling = await ask("s3", "src/a.ts");
      const parent = await ask("s1", "src/a.ts");

      expect([child.kind, sibling.kind, parent.kind]).toEqual(["granted", "refused", "refused"]);
    });

    test("ends the lease of a dead session for good when another takes its paths", async () => {
      const { ask, join, leases, write } = await stand();
      await ask("s1", "src/");
      join("s1", { ended: true });

      const outcome = await ask("s2", "src/a.ts");
      join("s1", { ended: false });

      expect(outcome.kind).toBe("granted");
      expect(await write(async (tx) => leases.get(tx, "L1"))).toMatchObject({
        releaseReason: "dead",
      });
    });

    test("refuses a request without paths", async () => {
      const { ask } = await stand();

      await expect(ask("s1", "a", { patterns: [] })).rejects.toMatchObject({ code: "SKN-1508" });
    });

    test("reads ranges of paths by their bytes, whatever the database's language", async () => {
      const { ask, write } = await stand();
      await ask("s1", "b/x b-/x b0/x B/x é/x");

      const rows = await write(async (tx) =>
        tx.all<{ readonly prefix: string }>(
          "SELECT prefix FROM lease_paths WHERE project = ? ORDER BY prefix",
          [tx.project],
        ),
      );

      expect(rows.map(({ prefix }) => prefix)).toEqual(["B/x", "b-/x", "b/x", "b0/x", "é/x"]);
    });

    test("ignores case where the project does", async () => {
      const { store } = await open({ migrations: leaseMigrations });
      const { ask, join } = createLeaseStand(store, true);
      join("s1");
      join("s2");
      await ask("s1", "Src/Price/");

      const outcome = await ask("s2", "src/price/RULES.ts");

      expect(outcome.kind).toBe("refused");
    });
  });

  describe("queue", () => {
    test("keeps places in order and refuses whoever comes later", async () => {
      const { ask, leases, write } = await stand();
      await ask("s1", "src/");

      const second = await ask("s2", "src/a.ts", { queue: true });
      const third = await ask("s3", "src/a.ts", { queue: true });
      await write(async (tx) => leases.release(tx, { kind: "session", session: "s1" }, ending));
      const early = await ask("s3", "src/a.ts", { queue: true });
      const turn = await ask("s2", "src/a.ts", { queue: true });

      expect(second).toMatchObject({ kind: "refused", ahead: 0 });
      expect(third).toMatchObject({ kind: "refused", ahead: 1 });
      expect(early).toMatchObject({
        kind: "refused",
        ahead: 1,
        refused: [{ path: "src/a.ts", by: null, holder: "s2" }],
      });
      expect(turn.kind).toBe("granted");
    });

    test("never queues a session that holds a lease", async () => {
      const { ask, leases, write } = await stand();
      await ask("s1", "src/");
      await ask("s2", "docs/");

      const outcome = await ask("s2", "src/a.ts", { queue: true });

      expect(outcome).toMatchObject({ kind: "refused", ahead: null });
      expect(await write(async (tx) => leases.waiting(tx))).toEqual([]);
    });

    test("gives the place up when the waiter takes something else", async () => {
      const { ask, leases, write } = await stand();
      await ask("s1", "src/");
      await ask("s2", "src/a.ts", { queue: true });

      await ask("s2", "docs/");

      expect(await write(async (tx) => leases.waiting(tx))).toEqual([]);
    });

    test("drops the place of an ended session", async () => {
      const { ask, join, leases, write } = await stand();
      await ask("s1", "src/");
      await ask("s2", "src/a.ts", { queue: true });
      join("s2", { ended: true });
      await write(async (tx) => leases.release(tx, { kind: "leases", ids: ["L1"] }, ending));

      const outcome = await ask("s3", "src/a.ts");

      expect(outcome.kind).toBe("granted");
    });

    test("tells a release how many sessions wait for what it frees", async () => {
      const { ask, leases, write } = await stand();
      await ask("s1", "src/");
      await ask("s2", "src/a.ts", { queue: true });
      await ask("s3", "src/b.ts", { queue: true });

      const released = await write(async (tx) =>
        leases.release(tx, { kind: "leases", ids: ["L1"] }, ending),
      );

      expect(released.waiters).toBe(2);
    });

    test("shows who waits to a look that does not write", async () => {
      const { ask, leases, write } = await stand();
      await ask("s1", "src/");
      await ask("s2", "src/a.ts", { queue: true });
      const free = { session: "s3", ancestors: [], mode: "exclusive" } as const;

      const seen = await write(async (tx) =>
        leases.preview(tx, { ...free, patterns: patternsOf("src/a.ts") }),
      );

      expect(seen.map(({ holder, by }) => [holder, by?.id ?? null])).toEqual([
        ["s1", "L1"],
        ["s2", null],
      ]);
    });
  });

  describe("grant", () => {
    test("bears the number of the claim's own event when it is given", async () => {
      const { events, leases, write } = await stand();

      const lease = await write(async (tx) => {
        const fence = await events.nextSeq(tx);
        const request = { ...claimOf("T1"), patterns: patternsOf("src/") };
        return leases.grant(tx, request, { fence });
      });

      expect(lease).toMatchObject({ fence: 1, plan: "demo", task: "T1", origin: "claim" });
      expect((await write(async (tx) => events.head(tx))).seq).toBe(0);
    });
  });

  describe("landing", () => {
    test("outlives its session, then yields to integration and leaves the commit behind", async () => {
      const { join, leases, write, ask } = await stand();
      await write(async (tx) =>
        leases.grant(tx, { ...claimOf("T1"), patterns: patternsOf("src/price/** docs/a*.md") }),
      );
      const task = { ...because, plan: "demo", task: "T1" };
      const [landing] = await write(async (tx) => leases.toLanding(tx, task));
      await write(async (tx) => leases.release(tx, { kind: "session", session: "s1" }, ending));
      join("s1", { ended: true });

      const before = await ask("s2", "src/price/rules.ts");
      const released = await write(async (tx) =>
        leases.integrated(tx, { ...task, commit: "c0ffee" }),
      );
      const after = await ask("s2", "src/price/rules.ts");
      const bases = await write(async (tx) => leases.landedCommits(tx, patternsOf("src/ z.md")));
      const none = await write(async (tx) =>
        leases.landedCommits(tx, patternsOf("test/ docs/b.md")),
      );

      expect(landing).toMatchObject({ id: "L1", fence: 1, origin: "landing", untilMs: null });
      expect([before.kind, after.kind]).toEqual(["refused", "granted"]);
      expect(released.leases).toMatchObject([{ id: "L1", releaseReason: "integrated" }]);
      expect(bases).toMatchObject([{ commit: "c0ffee", plan: "demo", task: "T1" }]);
      expect(none).toEqual([]);
    });

    test("remembers the newest commit of each pattern", async () => {
      const { leases, write } = await stand();
      for (const [name, commit] of [
        ["T1", "aaa"],
        ["T2", "bbb"],
      ] as const) {
        const task = { ...because, plan: "demo", task: name };
        await write(async (tx) => {
          await leases.grant(tx, { ...claimOf(name), patterns: patternsOf("src/**") });
          await leases.toLanding(tx, task);
          await leases.integrated(tx, { ...task, commit });
        });
      }

      const bases = await write(async (tx) => leases.landedCommits(tx, patternsOf("src/a.ts")));

      expect(bases.map(({ commit }) => commit)).toEqual(["bbb"]);
    });
  });

  describe("handOver", () => {
    test("ends the old lease and grants the paths under a new fence in one event", async () => {
      const { ask, events, leases, write } = await stand();
      await ask("s1", "src/");

      const outcome = await write(async (tx) =>
        leases.handOver(tx, { ...because, lease: "L1", to: "s2" }),
      );

      const log = await write(async (tx) => events.after(tx, 1, 10));
      expect(outcome).toMatchObject({
        kind: "granted",
        lease: { id: "L2", session: "s2", fence: 2 },
      });
      expect(await write(async (tx) => leases.get(tx, "L1"))).toMatchObject({
        releaseReason: "handed-over",
      });
      expect(log.map(({ kind }) => kind)).toEqual(["lease.handed_over"]);
    });

    test.each([
      ["an ended lease", "L1", "s2", "SKN-4501"],
      ["its own holder", "L2", "s1", "SKN-4501"],
      ["a claim's lease", "L3", "s2", "SKN-4501"],
      ["an unknown lease", "L99", "s2", "SKN-5501"],
      ["an unknown session", "L2", "s9", "SKN-5502"],
    ] as const)("refuses %s", async (...[, lease, to, code]) => {
      const { ask, leases, write } = await stand();
      await ask("s1", "a");
      await ask("s1", "b");
      await write(async (tx) => {
        await leases.grant(tx, { ...claimOf("T1"), patterns: patternsOf("c") });
        await leases.release(tx, { kind: "leases", ids: ["L1"] }, ending);
      });

      const attempt = write(async (tx) => leases.handOver(tx, { ...because, lease, to }));

      await expect(attempt).rejects.toMatchObject({ code });
    });
  });

  describe("release", () => {
    test("ends a lease once, however often it is asked", async () => {
      const { ask, leases, events, write } = await stand();
      await ask("s1", "src/");
      const end = async (): Promise<number> =>
        (await write(async (tx) => leases.release(tx, { kind: "leases", ids: ["L1"] }, ending)))
          .leases.length;

      expect([await end(), await end()]).toEqual([1, 0]);
      expect((await write(async (tx) => events.head(tx))).seq).toBe(2);
    });

    test("leaves no path behind in the index of held paths", async () => {
      const { ask, leases, write } = await stand();
      await ask("s1", "src/ src/a.ts src/*.md");
      await write(async (tx) => leases.release(tx, { kind: "session", session: "s1" }, ending));

      const left = await write(async (tx) =>
        tx.all("SELECT prefix FROM lease_paths WHERE project = ?", [tx.project]),
      );

      expect(left).toEqual([]);
    });

    test("never gives a number twice after old leases were forgotten", async () => {
      const { ask, leases, write, nowMs } = await stand();
      await ask("s1", "a");
      await ask("s1", "b");
      await write(async (tx) => leases.release(tx, { kind: "session", session: "s1" }, ending));

      const pruned = await write(async (tx) => leases.prune(tx, tx.nowMs + 1));
      const next = await ask("s2", "a");

      expect(await nowMs()).toBeGreaterThan(0);
      expect(pruned).toBe(1);
      expect(next).toMatchObject({ lease: { id: "L3" } });
    });
  });

  describe("check", () => {
    test("judges each path for the session that asks", async () => {
      const { ask, join, leases, write } = await stand();
      join("s2", { ancestors: ["s1"] });
      await ask("s1", "src/");
      await ask("s2", "src/a.ts");
      await ask("s3", "docs/");
      const paths = ["src/a.ts", "src/b.ts", "docs/x.md", "aux", "README.md"];

      const verdicts = await write(async (tx) =>
        leases.check(tx, { session: "s2", ancestors: ["s1"], paths }),
      );
      const person = await write(async (tx) =>
        leases.check(tx, { session: null, ancestors: [], paths: ["src/a.ts"] }),
      );

      expect(paths.map((path) => verdicts.get(path)?.kind)).toEqual([
        "own",
        "covered",
        "foreign",
        "free",
        "free",
      ]);
      expect(person.get("src/a.ts")?.kind).toBe("foreign");
    });

    test("tells an ancestor that what it lent is its descendant's", async () => {
      const { ask, join, leases, write } = await stand();
      join("s2", { ancestors: ["s1"] });
      await ask("s1", "src/");
      await ask("s2", "src/a.ts");

      const verdicts = await write(async (tx) =>
        leases.check(tx, { session: "s1", ancestors: [], paths: ["src/a.ts", "src/b.ts"] }),
      );

      expect([...verdicts.values()].map(({ kind }) => kind)).toEqual(["foreign", "own"]);
    });
  });

  describe("restore", () => {
    test("writes an export back, live leases with their force", async () => {
      const first = await stand();
      await first.ask("s1", "src/");
      await first.ask("s2", "docs/");
      await first.write(async (tx) =>
        first.leases.release(tx, { kind: "leases", ids: ["L2"] }, ending),
      );
      const page = { after: null, limit: 100 };
      const all = await first.write(async (tx) => first.leases.history(tx, page));
      const { store } = await open({ migrations: leaseMigrations, project: "other" });
      const second = createLeaseStand(store);
      second.join("s1");
      second.join("s2");

      await second.write(async (tx) => second.leases.restore(tx, all));

      expect(await second.write(async (tx) => second.leases.history(tx, page))).toEqual(all);
      expect((await second.ask("s2", "src/a.ts")).kind).toBe("refused");
      expect((await second.ask("s1", "docs/")).kind).toBe("granted");
    });
  });
});

function claimOf(task: string) {
  return {
    session: "s1",
    mode: "exclusive",
    origin: "claim",
    reason: "the task",
    durationMs: 1_800_000,
    plan: "demo",
    task,
    branch: "feature/x",
  } as const;
}
