import { expect, test } from "vitest";

import { createAccess } from "../../src/core/access/index.ts";
import type { Access, MintedToken, Role, TokenRequest } from "../../src/core/access/index.ts";
import { createEvents, replay } from "../../src/core/events/index.ts";
import type { Events } from "../../src/core/events/index.ts";
import { migrations } from "../../src/core/index.ts";
import type { Store } from "../../src/core/store/index.ts";
import { eachStore, openMemoryStore } from "../support/stores.ts";
import type { OpenTestStore } from "../support/stores.ts";
import { createSeededRandom } from "../support/virtual-time.ts";
import type { VirtualTime } from "../support/virtual-time.ts";

interface Stand {
  readonly store: Store;
  readonly time: VirtualTime;
  readonly events: Events;
  readonly access: Access;
  readonly create: (odd?: Partial<TokenRequest>) => Promise<MintedToken>;
  /** Makes every token older: a server's own time is not to be turned. */
  readonly pass: (ms: number) => Promise<void>;
}

const older = `UPDATE access_tokens SET made_at_ms = made_at_ms - ?, expires_at_ms = expires_at_ms - ?,
  last_used_at_ms = last_used_at_ms - ? WHERE project = ?`;

let seeds = 100;

async function aStand(open: OpenTestStore, project = "demo"): Promise<Stand> {
  const { store, time } = await open({ migrations, project });
  const events = createEvents({
    doorbell: { ring: () => undefined, watch: () => () => undefined, close: () => undefined },
  });
  seeds += 1;
  const access = createAccess({ events, random: createSeededRandom(seeds) });
  const create = (odd: Partial<TokenRequest> = {}): Promise<MintedToken> =>
    store.write((tx) =>
      access.tokens.create(tx, { role: "agent", by: "person:eve", name: "ada", ...odd }),
    );
  const pass = async (ms: number): Promise<void> => {
    await store.write((tx) => tx.run(older, [ms, ms, ms, tx.project]));
  };
  return { store, time, events, access, create, pass };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "accepted",
    (error: unknown) => (error instanceof Error && "code" in error ? String(error.code) : "?"),
  );
}

eachStore("access", (open) => {
  test("tells who holds a token, and stores nothing of its secret", async () => {
    const { store, access, create } = await aStand(open);

    const { token, text } = await create({ role: "reviewer" });
    const principal = await access.tokens.authenticate(store, text);
    const rows = await store.read((reader) =>
      reader.all("SELECT * FROM access_tokens WHERE project = ?", [reader.project]),
    );
    const log = await store.read((reader) =>
      reader.all("SELECT * FROM events WHERE project = ?", [reader.project]),
    );

    expect(principal).toEqual({
      id: "token:t1",
      kind: "token",
      name: "ada",
      role: "reviewer",
      project: "demo",
    });
    expect(token.expiresAtMs - token.madeAtMs).toBe(30 * 86_400_000);
    expect(rows).toHaveLength(1);
    expect(JSON.stringify([rows, log])).not.toContain(text.slice(-20));
  });

  test("lets nobody in with a changed character, another id or another project's name", async () => {
    const { store, access, create } = await aStand(open);
    const { text } = await create();
    const other = (await create()).text;
    const last = text.endsWith("0") ? "1" : "0";

    const tried = [
      text.slice(0, -1) + last,
      text.replace("_t1_", "_t2_"),
      text.replace("_t1_", "_t9_"),
      other.replace("_t2_", "_t1_"),
      text.replace("skein_demo", "skein_other"),
      `Bearer ${text}`,
      "",
    ];

    for (const each of tried) {
      expect(await codeOf(access.tokens.authenticate(store, each)), each).toBe("SKN-3351");
    }
    expect(await codeOf(access.tokens.authenticate(store, text))).toBe("accepted");
  });

  test("opens one project only, though both have a token of that number", async () => {
    const here = await aStand(open);
    const there = await aStand(open, "other");
    const { text } = await here.create();
    await there.create();

    expect(await codeOf(there.access.tokens.authenticate(there.store, text))).toBe("SKN-3351");
    expect(await there.store.read((reader) => there.access.tokens.list(reader))).toHaveLength(1);
  });

  test("refuses a token that was revoked, and one whose time is over", async () => {
    const { store, access, create, pass } = await aStand(open);
    const [first, second] = [await create(), await create({ expiresInMs: 60_000 })];

    await store.write((tx) => access.tokens.revoke(tx, first.token.id, "person:eve"));
    await pass(61_000);

    expect(await codeOf(access.tokens.authenticate(store, first.text))).toBe("SKN-3352");
    expect(await codeOf(access.tokens.authenticate(store, second.text))).toBe("SKN-3353");
  });

  test("does not tell whoever has no secret that a token was revoked", async () => {
    const { store, access, create } = await aStand(open);
    const { token, text } = await create();
    await store.write((tx) => access.tokens.revoke(tx, token.id, "person:eve"));
    const guess = text.slice(0, -1) + (text.endsWith("0") ? "1" : "0");

    expect(await codeOf(access.tokens.authenticate(store, guess))).toBe("SKN-3351");
  });

  test("notes the use of a token at most once a minute, and as no event", async () => {
    const { store, access, create, events, pass } = await aStand(open);
    const { token, text } = await create();
    const used = async (): Promise<number | null> =>
      (await store.read((reader) => access.tokens.get(reader, token.id)))?.lastUsedAtMs ?? null;

    const before = await used();
    await access.tokens.authenticate(store, text);
    const first = await used();
    await pass(30_000);
    await access.tokens.authenticate(store, text);
    const second = (await used()) ?? 0;
    await pass(31_000);
    const aged = await used();
    await access.tokens.authenticate(store, text);
    const head = await store.read((reader) => events.head(reader));

    expect(before).toBe(null);
    expect(second + 30_000).toBe(first);
    expect(await used()).toBeGreaterThan(aged ?? 0);
    expect(head.seq).toBe(1);
  });

  test("writes making and revoking into the log, revoking once", async () => {
    const { store, access, create, events } = await aStand(open);
    const { token } = await create({ role: "admin" });

    await store.write((tx) => access.tokens.revoke(tx, token.id, "person:bob"));
    await store.write((tx) => access.tokens.revoke(tx, token.id, "person:bob"));
    const log = await store.read((reader) => events.after(reader, 0, 10));

    expect(log.map(({ kind, actor }) => [kind, actor])).toEqual([
      ["token.created", "person:eve"],
      ["token.revoked", "person:bob"],
    ]);
    expect(replay(log).get("token")?.get("t1")).toMatchObject({ role: "admin", name: "ada" });
    await expect(
      store.write((tx) => access.tokens.revoke(tx, "t7", "person:bob")),
    ).rejects.toMatchObject({ code: "SKN-5351" });
  });

  test.each([0, 59_999, 31_536_000_001, Number.NaN, -1])(
    "makes no token that lasts %d milliseconds",
    async (expiresInMs) => {
      const { create } = await aStand(open);

      expect(await codeOf(create({ expiresInMs }))).toBe("SKN-1351");
    },
  );

  test("forgets tokens that ended long ago, and never gives a number twice", async () => {
    const { store, access, create, pass } = await aStand(open);
    await create();
    await create();
    await pass(40 * 86_400_000);

    const pruned = await store.write((tx) => access.tokens.prune(tx, tx.nowMs));
    const { token } = await create();

    expect(pruned).toBe(1);
    expect(token.id).toBe("t3");
  });

  test("names a token by its role and id where nobody names it, and cleans names", async () => {
    const { create } = await aStand(open);
    const named = async (name: string | null, role: Role): Promise<string> =>
      (await create({ name, role })).token.name;

    expect(await named(null, "viewer")).toBe("viewer-t1");
    expect(await named("  \u{202E}ci\n bot ", "agent")).toBe("ci bot");
  });
});

test("makes no more than 1,000 tokens that are good at a time", async () => {
  const { store, access, create, pass } = await aStand(openMemoryStore);
  const token = { role: "agent", by: "person:eve", expiresInMs: 60_000 } as const;
  await store.write(async (tx) => {
    for (let made = 0; made < 1_000; made += 1) {
      await access.tokens.create(tx, token);
    }
  });

  expect(await codeOf(create())).toBe("SKN-4351");
  await pass(60_000);
  expect(await codeOf(create())).toBe("accepted");
});
