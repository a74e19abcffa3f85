import { describe, expect, test } from "vitest";
import type { SessionId } from "../../src/core/base/ids.ts";
import { because, createLeaseStand, leaseMigrations } from "../support/leases.ts";
import type { LeaseStand } from "../support/leases.ts";
import { eachStore } from "../support/stores.ts";

const sessions: readonly SessionId[] = ["s1", "s2", "s3", "s4", "s5", "s6"];

/** Globs that share no path and lie around one folder. */
function wild(count: number, name: string): string {
  return Array.from({ length: count }, (_, at) => `src/${name}${String(at)}-*.ts`).join(" ");
}

/** Globs that count as many each. */
function wildest(count: number): string {
  const globs = Array.from({ length: count }, (_, at) => `**/${"*a".repeat(125)}${String(at)}/**`);
  return globs.join(" ");
}

eachStore("bounds of globs", (open) => {
  async function stand(): Promise<LeaseStand> {
    const { store } = await open({ migrations: leaseMigrations });
    const made = createLeaseStand(store);
    for (const session of sessions) {
      made.join(session);
    }
    return made;
  }

  describe("of one session", () => {
    test("end at 256, until some are released; names and directories have none", async () => {
      const { ask, leases, write } = await stand();
      const first = await ask("s1", wild(200, "a"));
      await ask("s1", wild(56, "b"));

      await expect(ask("s1", "src/*.ts")).rejects.toMatchObject({
        code: "SKN-4502",
        kind: "conflict",
        facts: { session: "s1", held: 256, asked: 1, most: 256 },
      });
      expect((await ask("s1", "src/a.ts docs/")).kind).toBe("granted");
      expect((await ask("s2", "src/b*.md")).kind).toBe("granted");
      const id = first.kind === "granted" ? first.lease.id : "";
      await write(async (tx) =>
        leases.release(tx, { kind: "leases", ids: [id] }, { ...because, reason: "released" }),
      );
      expect((await ask("s1", "lib/*.ts")).kind).toBe("granted");
    });

    test("count once for every 16 signs of segments with wildcards, so that wild ones are few", async () => {
      const { ask } = await stand();

      await expect(ask("s1", wildest(17))).rejects.toMatchObject({
        code: "SKN-4502",
        facts: { held: 0, asked: 272, most: 256 },
      });
      expect((await ask("s1", wildest(15))).kind).toBe("granted");
    });

    test("do not count those of its tasks", async () => {
      const { ask } = await stand();
      const claim = { origin: "claim", plan: "demo", task: "T1" } as const;

      expect((await ask("s1", wild(256, "a"), claim)).kind).toBe("granted");
      expect((await ask("s1", wild(256, "b"))).kind).toBe("granted");
    });
  });

  test("around one path end at 1,000, however many sessions hold them; a claim goes through", async () => {
    const { ask } = await stand();
    for (const [at, session] of sessions.slice(0, 4).entries()) {
      await ask(session, wild(250, String.fromCodePoint(97 + at)));
    }

    await expect(ask("s5", "src/x*.ts")).rejects.toMatchObject({
      code: "SKN-7502",
      kind: "unavailable",
      retryAfterMs: 60_000,
      facts: { globs: 1_000, asked: 1, most: 1_000 },
    });
    expect((await ask("s5", "src/z.ts src/z/z.ts")).kind).toBe("granted");
    const claim = { origin: "claim", plan: "demo", task: "T1" } as const;
    expect((await ask("s6", "src/x*.md", claim)).kind).toBe("granted");
  });

  test("that wait in one queue end at 1,000", async () => {
    const { ask } = await stand();
    await ask("s1", "**");
    for (const session of sessions.slice(1, 5)) {
      const outcome = await ask(session, wild(250, session), { queue: true });
      expect(outcome.kind).toBe("refused");
    }

    await expect(ask("s6", "src/*.ts", { queue: true })).rejects.toMatchObject({
      code: "SKN-7501",
    });
    expect(await ask("s6", "src/a.ts", { queue: true })).toMatchObject({ kind: "refused" });
  });
});
