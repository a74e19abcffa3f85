import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { removeRepositories } from "../adapters/git/repositories.ts";
import { aCommandLine, twoTasks } from "./command-line.ts";
import type { CommandLine } from "./command-line.ts";

let line: CommandLine;

beforeEach(async () => {
  line = aCommandLine({ "plan.yml": twoTasks });
  await line.skein("plan import plan.yml");
});

afterAll(() => {
  removeRepositories();
});

describe("skein token", () => {
  test("shows a token once, and never again", async () => {
    const { out, err } = await line.skein("token create --role reviewer --name ci --expires 12h");
    const [text = "", ...more] = out.split("\n");
    const listed = await line.skein("token list");
    const exported = await line.skein("export -");
    const events = await line.skein("events --json");

    expect(text).toMatch(/^skein_[\w.~-]+_t1_[0-9a-z]{52}$/u);
    expect(more).toEqual([""]);
    expect(err).toContain("t1 (ci) has the role reviewer until");
    expect(listed.out).toMatch(/t1 +ci +reviewer +good/u);
    expect(`${listed.out}${exported.out}${events.out}`).not.toContain(text.slice(-30));
  });

  test("revokes by id, once it was asked", async () => {
    await line.skein("token create");

    const unasked = await line.skein("token revoke t1");
    const dry = await line.skein("token revoke t1 --dry-run");
    const still = await line.json("token list");
    const done = await line.skein("token revoke t1", { answers: ["y"] });
    const left = await line.json("token list");
    const all = await line.json("token list --all");

    expect(unasked.code).toBe(2);
    expect(dry.out).toContain("Nothing was changed");
    expect(still["tokens"]).toHaveLength(1);
    expect(done.out).toContain("t1 (agent-t1, agent) is revoked.");
    expect(left["tokens"]).toEqual([]);
    expect(all["tokens"]).toMatchObject([{ id: "t1", state: "revoked" }]);
  });

  test("gives no token to an agent", async () => {
    const env = { CLAUDE_CODE_SESSION_ID: "ada" };

    const created = await line.skein("token create --role admin", { env });
    await line.skein("token create");
    const revoked = await line.skein("token revoke t1 --yes", { env });

    expect([created.code, revoked.code]).toEqual([9, 9]);
    expect(created.err).toContain("SKN-8009");
    expect(await line.json("token list")).toMatchObject({ tokens: [{ id: "t1" }] });
  });

  test.each([
    ["token create --role owner", 2, "SKN-1005"],
    ["token create --expires forever", 2, "SKN-1005"],
    ["token create --expires 366d", 2, "SKN-1351"],
    ["token revoke t9 --yes", 6, "SKN-5351"],
    ["token revoke everything --yes", 6, "SKN-5351"],
  ])("`%s` ends with %d", async (words, code, error) => {
    const outcome = await line.skein(words);

    expect(outcome.code).toBe(code);
    expect(outcome.err).toContain(error);
  });
});
