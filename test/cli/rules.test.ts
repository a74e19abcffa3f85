import { createServer } from "node:net";
import { once } from "node:events";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { runGuard } from "../../src/cli/guard/guard.ts";
import { hasStore, openProject } from "../../src/compose.ts";
import { isSessionId } from "../../src/core/base/ids.ts";
import { removeRepositories, testEnv } from "../adapters/git/repositories.ts";
import { aCommandLine } from "./command-line.ts";
import type { CommandLine, Outcome } from "./command-line.ts";

let line: CommandLine;
let remote: string;

beforeEach(() => {
  line = aCommandLine({ "src/a.ts": "1\n", "src/b.ts": "1\n" });
  const { repository } = line;
  remote = join(repository.root, "../remote.git");
  repository.git("init", "-q", "--bare", "-b", "main", remote);
  repository.git("remote", "add", "origin", remote);
  repository.git("push", "-q", "origin", "main");
});

afterAll(removeRepositories);

const ada = { CLAUDE_CODE_SESSION_ID: "ada" };
const bob = { CLAUDE_CODE_SESSION_ID: "bob" };

/** A branch with one commit by an agent, its message written as git's hook writes it. */
async function commitAs(env: Readonly<Record<string, string>>, branch: string): Promise<string> {
  const { repository, skein } = line;
  repository.git("switch", "-q", "-c", branch, "main");
  repository.write({ "src/a.ts": "2\n", ".git/MESSAGE": "Edit a\n" });
  await skein("guard commit-msg .git/MESSAGE", { env });
  repository.git("commit", "-q", "-a", "-F", ".git/MESSAGE");
  return repository.git("rev-parse", "HEAD");
}

async function rowsOf(words: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { rows } = await line.json(words);
  return Array.isArray(rows) ? rows : [];
}

/** Gives a lease to the session that another agent is known by. */
async function handOver(to: string): Promise<void> {
  const { skein } = await openProject({ cwd: line.repository.root, env: testEnv });
  await skein.store.write(async (tx) => {
    const [lease] = await skein.leases.list(tx);
    const session = await skein.sessions.byExternalId(tx, `claude:${to}`);
    if (lease === undefined || session === null || !isSessionId(session.id)) {
      throw new Error("nobody to hand over to");
    }
    const by = { actor: "person:ada", cause: null } as const;
    await skein.leases.handOver(tx, { lease: lease.id, to: session.id, ...by });
  });
  await skein.close();
}

describe("a lease, its published ledger and a branch of another session", () => {
  test("the rules fail with holder and age, and hold after a hand-over and a new ledger, without a push", async () => {
    const { repository, skein } = line;
    await skein(["lease", "take", "src/a.ts", "--reason", "rework the prices"], { env: ada });
    expect((await skein("github publish")).out).toMatch(
      /^Published 1 lease to refs\/skein\/ledger on origin \([0-9a-f]{12}\)\.\n$/u,
    );
    const head = await commitAs(bob, "bobs");
    repository.git("push", "-q", "origin", "bobs");

    const before = await skein("rules explain bobs --ledger");
    expect(before.code).toBe(5);
    expect(before.out).toMatch(
      /leases +fail: src\/a\.ts is held by \w+ \(s1\) \("rework the prices"\) until \d\d:\d\d UTC unless renewed; ledger published \d+ seconds? ago, advisory\./u,
    );
    expect(before.out).toContain("no push is needed here");

    await handOver("bob");
    expect((await skein("rules explain bobs --ledger")).code).toBe(5);
    await skein("github publish");
    const after = await skein("rules explain bobs --ledger");

    expect([after.code, after.out]).toEqual([
      0,
      expect.stringContaining("Every rule that applies holds."),
    ]);
    expect(repository.git("rev-parse", "bobs")).toBe(head);
    expect(repository.git("ls-remote", remote, "refs/heads/bobs")).toContain(head);
  });

  test("another clone judges by the fetched ledger, without a store of its own", async () => {
    const { repository, skein } = line;
    await skein("lease take src/a.ts", { env: ada });
    await skein("github publish");
    await commitAs({}, "work");
    repository.git("push", "-q", "origin", "work");
    const clone = join(repository.root, "../clone");
    repository.git("clone", "-q", remote, clone);
    const judge = (): Promise<Outcome> => skein("rules explain origin/work", { cwd: clone });

    expect((await judge()).out).toContain("leases    skipped: No store and no published ledger");
    repository.git("-C", clone, "fetch", "-q", "origin", "+refs/skein/ledger:refs/skein/ledger");
    expect((await judge()).code).toBe(5);
  });
});

describe("skein rules explain", () => {
  test("judges what is checked out by this clone's live leases", async () => {
    await line.skein("lease take src/a.ts", { env: ada });
    await commitAs({}, "work");
    const { code, out } = await line.skein("rules explain");

    expect(code).toBe(5);
    expect(out).toMatch(/^work into main, by the rules that hold where nobody chose:\n/u);
    expect(out).toContain("; live ledger.");
  });

  test("judges a pull request by its number once its head was fetched, and says how where it was not", async () => {
    const head = await commitAs({}, "work");
    line.repository.git("update-ref", "refs/pull/12/head", head);
    line.repository.git("checkout", "-q", "main");

    const fetched = await line.skein("rules explain 12");
    const missing = await line.skein("rules explain 13");

    expect(fetched.code).toBe(0);
    expect(missing.code).toBe(2);
    expect(missing.err).toContain("git fetch origin refs/pull/13/head:refs/pull/13/head");
  });

  test("leaves out what the caller itself holds, as an agent and as a person", async () => {
    await line.skein("lease take src/a.ts", { env: ada });
    await commitAs({}, "work");

    expect((await line.skein("rules explain", { env: ada })).code).toBe(0);
    expect((await line.skein("rules explain", { env: bob })).code).toBe(5);
    await line.skein("lease release", { env: ada });
    await line.skein("lease take src/a.ts");
    expect((await line.skein("rules explain")).code).toBe(0);
    expect((await line.skein("rules explain", { env: bob })).code).toBe(5);
  });

  test("lets a session's own commits pass once its clone publishes", async () => {
    await line.skein("lease take src/a.ts", { env: ada });
    await line.skein("github publish");
    await commitAs(ada, "adas");

    expect(line.repository.git("log", "-1", "--format=%B")).toMatch(/^Skein-Session: \w+\/s1$/mu);
    expect((await line.skein("rules explain")).code).toBe(0);
    expect((await line.skein("rules explain --ledger")).code).toBe(0);
  });

  test("goes by the settings of the default branch, whatever the branch under judgement says", async () => {
    const rules = "rules: { require: [{ branch_name: { patterns: [feature/*] } }] }\n";
    line.repository.write({ "skein.yml": rules });
    line.repository.git("add", "skein.yml");
    line.repository.git("commit", "-q", "-m", "Rules");
    line.repository.commitOn("wip", { "skein.yml": "rules: { require: [] }\n" });
    line.repository.write({ "skein.yml": "rules: { require: [] }\n" });
    const { code, out } = await line.skein("rules explain wip");

    expect(code).toBe(9);
    expect(out).toContain("wip into main, by skein.yml on main:");
    expect(out).toContain("The branch wip is not named like feature/*.");
  });

  test("names secrets by place and never shows them", async () => {
    const token = ["ghp", "0123456789abcdefghijABCDEFGHIJ012345"].join("_");
    line.repository.commitOn("work", { "src/key.ts": `const a = 1;\nconst key = "${token}";\n` });
    const { code, out } = await line.skein("rules explain work");

    expect(code).toBe(9);
    expect(out).toContain("src/key.ts:2");
    expect(out).not.toContain(token);
  });

  test("takes two commits, and says what is not there", async () => {
    line.repository.commitOn("work", { "src/b.ts": "2\n" });

    expect((await line.skein("rules explain main..work")).code).toBe(0);
    expect((await line.skein("rules explain main...work")).code).toBe(0);
    expect((await line.skein("rules explain nowhere")).code).toBe(6);
    expect((await line.skein("rules explain --ledger")).err).toContain("SKN-5932");
    expect((await line.skein(["rules", "explain", "--", "--upload-pack=x"])).code).toBe(6);
  });

  test("ends with 1 when a rule cannot be judged", async () => {
    line.repository.write({
      "skein.yml": 'rules: { require: [{ branch_name: { patterns: ["[z-a]"] } }] }\n',
    });
    line.repository.git("add", "skein.yml");
    line.repository.git("commit", "-q", "-m", "Rules");
    line.repository.commitOn("work", { "src/b.ts": "2\n" });

    expect((await line.skein("rules explain work")).code).toBe(1);
  });

  test("prints Markdown, and rows as JSON", async () => {
    line.repository.commitOn("work", { "src/b.ts": "2\n" });

    expect((await line.skein("rules explain work --markdown")).out).toContain("| Rule | Result |");
    expect((await rowsOf("rules explain work")).map(({ rule, result }) => [rule, result])).toEqual([
      ["leases", "skipped"],
      ["fences", "pass"],
      ["secrets", "pass"],
      ["lockfile", "pass"],
    ]);
  });

  test("makes no store where there is none", async () => {
    line.repository.commitOn("work", { "src/b.ts": "2\n" });
    await line.skein("rules explain work");

    expect((await line.skein("status")).err).toContain("SKN-5002");
  });
});

describe("skein github publish", () => {
  test("says when nothing changed, and makes no commit then", async () => {
    await line.skein("lease take src/a.ts", { env: ada });
    const first = await line.json("github publish");
    const second = await line.json("github publish");

    expect(first).toMatchObject({ published: true, leases: 1, remote: "origin", age_seconds: 0 });
    expect(second).toMatchObject({ published: false, leases: 1, commit: first["commit"] });
  });

  test("takes what looks like a secret out of an agent's words", async () => {
    const token = ["ghp", "0123456789abcdefghijABCDEFGHIJ012345"].join("_");
    await line.skein(["lease", "take", "src/a.ts", "--reason", `with ${token}`], { env: ada });
    await line.skein("github publish");
    const text = line.repository.git("cat-file", "blob", "refs/skein/ledger:ledger.json");

    expect(text).toContain("with [redacted:");
    expect(text).not.toContain(token);
  });

  test.each([
    ["github publish --remote nowhere", 6, "SKN-5931"],
    ["github publish --remote --upload-pack=x", 6, "SKN-5931"],
  ])("`skein %s` ends with %i", async (words, code, named) => {
    await line.skein("lease take src/a.ts", { env: ada });
    const outcome = await line.skein(words);

    expect([outcome.code, outcome.err.slice(0, 8)]).toEqual([code, named]);
  });

  test("ends with 6 in a repository that nobody coordinates", async () => {
    expect((await line.skein("github publish")).code).toBe(6);
  });
});

function publishing(more = ""): void {
  line.repository.write({ "skein.yml": `github: { publish_on_push: true${more} }\n` });
  line.repository.git("add", "skein.yml");
  line.repository.git("commit", "-q", "-m", "Publish");
}

function published(): string {
  return line.repository.git("ls-remote", remote, "refs/skein/ledger");
}

describe("the guard at a push", () => {
  const zero = "0".repeat(40);

  async function push(
    to: string,
    ref = "refs/heads/work",
  ): Promise<{ readonly code: number; readonly text: string }> {
    const { root } = line.repository;
    const head = line.repository.git("rev-parse", "HEAD");
    const lines: string[] = [];
    const code = await runGuard(["pre-push", to, remote], {
      cwd: root,
      env: testEnv,
      isTerminal: true,
      readInput: () => `${ref} ${head} ${ref} ${zero}\n`,
      warn: (text) => lines.push(text),
      hasStore,
      open: () => openProject({ cwd: root, env: testEnv }),
    });
    return { code, text: lines.join("\n") };
  }

  test("publishes where the default branch says so, and not else", async () => {
    await line.skein("lease take docs/x.md", { env: ada });

    expect([await push("origin"), published()]).toEqual([{ code: 0, text: "" }, ""]);
    publishing();
    expect(await push("origin")).toEqual({ code: 0, text: "" });
    expect(published()).toContain("refs/skein/ledger");
  });

  test("does not for another remote, nor for a push of the ledger itself", async () => {
    await line.skein("lease take docs/x.md", { env: ada });
    publishing();
    await push("fork");
    await push("origin", "refs/skein/ledger");

    expect(published()).toBe("");
  });

  test("lets the push go on when the ledger cannot be published, with one line", async () => {
    await line.skein("lease take docs/x.md", { env: ada });
    publishing(", remote: gone");
    const { code, text } = await push("gone");

    expect(code).toBe(0);
    expect(text).toMatch(
      /^skein: the ledger was not published; the push goes on\. SKN-\d{4} [^\n]*$/u,
    );
  });

  test("does not wait for a remote that does not answer", async () => {
    const server = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    line.repository.git("remote", "add", "slow", `git://127.0.0.1:${String(port)}/x.git`);
    await line.skein("lease take docs/x.md", { env: ada });
    publishing(", remote: slow");
    const start = performance.now();
    const { code, text } = await push("slow");
    server.close();

    expect([code, text.split("\n").length]).toEqual([0, 1]);
    expect(text).toContain("SKN-9951");
    expect(performance.now() - start).toBeLessThan(15_000);
  });

  test("publishes from git's own push, once, and the push itself arrives", async () => {
    const { repository, skein } = line;
    await skein("lease take docs/x.md", { env: ada });
    publishing();
    const entry = new URL("guard/guard-entry.ts", import.meta.url).pathname;
    const hook = join(repository.root, ".git/hooks/pre-push");
    repository.write({
      ".git/hooks/pre-push": `#!/bin/sh\necho ran >> '${hook}.log'\nexec '${process.execPath}' '${entry}' pre-push "$@"\n`,
    });
    chmodSync(hook, 0o755);
    repository.git("push", "-q", "origin", "main");

    expect(published()).toContain("refs/skein/ledger");
    expect(repository.git("ls-remote", remote, "refs/heads/main")).toContain(
      repository.git("rev-parse", "main"),
    );
    expect(readFileSync(`${hook}.log`, "utf8")).toBe("ran\n");
  });
});
