import { hash } from "node:crypto";
import { expect, test, vi } from "vitest";
import { nounMigrations, nounsOver } from "../support/nouns.ts";
import { openMemoryStore } from "../support/stores.ts";

vi.mock("node:crypto", { spy: true });

test("a handle is hashed anew at each look, since nothing keeps it", async () => {
  const { store, sessions } = nounsOver(await openMemoryStore({ migrations: nounMigrations }));
  const { handle } = await store.write(async (tx) => sessions.join(tx, { name: "ada" }));
  vi.mocked(hash).mockClear();

  for (let look = 0; look < 3; look += 1) {
    await store.read(async (reader) => sessions.authenticate(reader, handle));
  }

  expect(vi.mocked(hash).mock.calls.filter(([, text]) => text === handle)).toHaveLength(3);
});
