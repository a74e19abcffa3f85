import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runGuard } from "../../src/cli/guard/guard.ts";
import { hasStore, openProject } from "../../src/compose.ts";
import { createRounds } from "../../src/core/base/rounds.ts";
import type { Guarding } from "../../src/core/guarding/index.ts";
import { judgeInParts, marksAtOnce } from "../../src/http/hooks-route.ts";
import { openBetterSqlite } from "../../src/core/store/index.ts";
import { runHook } from "../../src/mcp/hooks/run-hook.ts";
import { createHttpStand } from "../support/http-stand.ts";
import type { HttpStand } from "../support/http-stand.ts";
import { cloneOf } from "../support/remote-clone.ts";
import type { RemoteClone } from "../support/remote-clone.ts";

let stand: HttpStand;
let clone: RemoteClone;

beforeEach(async () => {
  stand = await createHttpStand();
  clone = cloneOf(stand);
});

afterEach(async () => {
  clone.remove();
  await stand.close();
});

interface Said {
  readonly exitCode: number;
  readonly answer: unknown;
  readonly warned: string;
}

async function hook(words: string, payload: object, env: object = {}): Promise<Said> {
  const out: string[] = [];
  const warned: string[] = [];
  const exitCode = await runHook(words.split(" "), {
    cwd: clone.root,
    env: { ...clone.env, ...env },
    readInput: () => JSON.stringify({ cwd: clone.root, ...payload }),
    openDriver: openBetterSqlite,
    out: (text) => out.push(text),
    warn: (line) => warned.push(line),
  });
  const answer: unknown = out.length === 0 ? null : JSON.parse(out.join(""));
  return { exitCode, answer, warned: warned.join("\n") };
}

function edit(session: string, path: string): object {
  return { session_id: session, tool_name: "Edit", tool_input: { file_path: path } };
}

async function guard(words: string, env: object = {}, input = ""): Promise<[number, string]> {
  const lines: string[] = [];
  const whole = { ...clone.env, ...env };
  const exitCode = await runGuard(words.split(" "), {
    cwd: clone.root,
    env: whole,
    isTerminal: false,
    readInput: () => input,
    warn: (line) => lines.push(line),
    hasStore,
    open: () => openProject({ cwd: clone.root, env: whole }),
  });
  return [exitCode, lines.join("\n")];
}

async function holderOf(path: string): Promise<string | null> {
  const { dispatch, sessions, store } = stand.repository.project.skein;
  const verdict = (await dispatch.check(null, [path])).get(path);
  const holder = verdict?.kind === "foreign" ? verdict.refusal.holder : null;
  return holder === null
    ? null
    : ((await store.read((reader) => sessions.get(reader, holder)))?.externalId ?? null);
}

const nothing: Said = { exitCode: 0, answer: null, warned: "" };

describe("hooks of agents on another machine", () => {
  test("an edit of a free file leases it at the server, also through a link and from a subfolder", async () => {
    mkdirSync(join(clone.root, "deep"));
    symlinkSync("../src/a.ts", join(clone.root, "deep/link.ts"));

    const said = await hook("claude pre-edit", {
      ...edit("ada", "link.ts"),
      cwd: join(clone.root, "deep"),
    });

    expect(said).toEqual(nothing);
    expect(await holderOf("src/a.ts")).toBe("claude:ada");
    expect(await holderOf("deep/link.ts")).toBe("claude:ada");
  });

  test("an edit of a foreign file is denied with its holder, and the clone keeps no store", async () => {
    await stand.repository.claim("codex:grace", ["src/"]);

    const { answer } = await hook("claude pre-edit", edit("ada", "src/a.ts"));

    expect(answer).toMatchObject({ hookSpecificOutput: { permissionDecision: "deny" } });
    expect(JSON.stringify(answer)).toMatch(/src\/a\.ts is held by .*rework the prices/u);
    expect(hasStore(stand.repository.project.repository, {})).toBe(true);
    expect(() => clone.git("rev-parse", "--verify", "HEAD")).not.toThrow();
  });

  test("a session start joins and briefs; a subagent's call of a tool is given its session", async () => {
    const start = await hook("claude session-start", { session_id: "ada" });
    const named = await hook("claude pre-skein", {
      session_id: "ada",
      agent_id: "sub1",
      tool_name: "mcp__skein__next_task",
      tool_input: { plan: "demo", secret: "stays here" },
    });

    expect(JSON.stringify(start.answer)).toContain("This session is s1");
    expect(named.answer).toMatchObject({
      hookSpecificOutput: { updatedInput: { plan: "demo", secret: "stays here" } },
    });
    expect(JSON.stringify(named.answer)).toMatch(/"session":"\w+/u);
  });

  test("what a command changed is told from this disk: free files are leased, foreign ones reported", async () => {
    await hook("claude session-start", { session_id: "ada" });
    await stand.repository.claim("codex:grace", ["src/b.ts"]);
    clone.write("src/b.ts", "changed\n");
    clone.write("src/new.ts", "new\n");

    const said = await hook("claude post-shell", { session_id: "ada", tool_name: "Bash" });

    expect(JSON.stringify(said.answer)).toMatch(/held by another session: src\/b\.ts/u);
    expect(await holderOf("src/new.ts")).toBe("claude:ada");
    expect(await hook("claude post-shell", { session_id: "ada", tool_name: "Bash" })).toEqual(
      nothing,
    );
  });

  test("paths that the default branch calls generated need no lease", async () => {
    clone.write("skein.yml", 'generated: ["dist/**"]\n');
    clone.git("add", "skein.yml");
    clone.git("commit", "-qm", "generated");
    clone.git("push", "-q", "origin", "HEAD:refs/heads/kept");
    clone.git("update-ref", "refs/remotes/origin/main", "HEAD");

    expect(await hook("claude pre-edit", edit("ada", "dist/x.js"))).toEqual(nothing);
    expect(await holderOf("dist/x.js")).toBeNull();
  });

  test("an agent with a task in hand is held back once, and ends with clean paths given back", async () => {
    await stand.repository.plan(
      "plan: demo\ntitle: D\ntasks:\n  - { id: T1, title: One, files: [src/a.ts] }\n",
    );
    await stand.repository.next("claude:ada");
    await hook("claude pre-edit", edit("grace", "docs/x.md"));

    const held = await hook("claude stop", { session_id: "ada" });
    const again = await hook("claude stop", { session_id: "ada", stop_hook_active: true });
    await hook("claude session-end", { session_id: "grace" });

    expect(held.answer).toMatchObject({ decision: "block" });
    expect(again).toEqual(nothing);
    expect(await holderOf("docs/x.md")).toBeNull();
  });

  test("a server that is away, or a token that is refused, lets the agent go on and says so", async () => {
    const away = await hook("claude pre-edit", edit("ada", "src/a.ts"), {
      SKEIN_URL: "http://127.0.0.1:9",
    });
    const refused = await hook("claude pre-edit", edit("ada", "src/a.ts"), { SKEIN_TOKEN: "x" });

    expect(away.exitCode).toBe(0);
    expect(away.warned).toMatch(/nothing was checked: SKN-7921/u);
    expect(refused.warned).toMatch(/nothing was checked: SKN-3931/u);
    expect(JSON.stringify([away, refused])).not.toContain(stand.token);
  });
});

function stage(path: string): void {
  clone.write(path, `${path}\n`);
  clone.git("add", path);
}

describe("git hooks on another machine", () => {
  const ada = { SKEIN_EXTERNAL_ID: "claude:ada" };

  test("a commit of a foreign path is refused to agents, and noted for people", async () => {
    await stand.repository.claim("codex:grace", ["src/b.ts"]);
    stage("src/b.ts");

    const [code, text] = await guard("pre-commit", ada);
    const [personCode, personText] = await guard("pre-commit");

    expect(code).toBe(1);
    expect(text).toMatch(/SKN-4961[\s\S]*src\/b\.ts is held by/u);
    expect(personCode).toBe(0);
    expect(personText).toContain("You are a person");
    const { events, store } = stand.repository.project.skein;
    const log = await store.read((reader) => events.after(reader, 0, 100));
    expect(log.filter(({ kind }) => kind === "guard.overridden")).toHaveLength(1);
  });

  test("a commit leases what is free, and its message names the claim", async () => {
    await stand.repository.plan(
      "plan: demo\ntitle: D\ntasks:\n  - { id: T1, title: One, files: [src/a.ts] }\n",
    );
    const claim = await stand.repository.next("claude:ada");
    stage("src/a.ts");
    stage("docs/free.md");
    clone.write(".git/MSG", "Change\n");

    expect(await guard("pre-commit", ada)).toEqual([0, ""]);
    expect(await guard("commit-msg .git/MSG", ada)).toEqual([0, ""]);

    expect(await holderOf("docs/free.md")).toBe("claude:ada");
    clone.git("commit", "-q", "-F", ".git/MSG");
    expect(clone.git("log", "-1", "--format=%B")).toContain(
      `Skein-Task: demo/T1\nSkein-Fence: ${String(claim?.fence)}`,
    );
    const head = clone.git("rev-parse", "HEAD");
    const push = `refs/heads/x ${head} refs/heads/x ${"0".repeat(40)}\n`;
    expect(await guard("pre-push origin url", ada, push)).toEqual([0, ""]);
  });

  test("a commit of more paths than one question takes is asked about in several", async () => {
    const many = Array.from({ length: 1_050 }, (_, at) => `many/${String(at)}.md`);
    for (const path of many) {
      clone.write(path, "x\n");
    }
    clone.git("add", "many");

    expect(await guard("pre-commit", ada)).toEqual([0, ""]);

    expect(await holderOf("many/0.md")).toBe("claude:ada");
    expect(await holderOf("many/999.md")).toBe("claude:ada");
  }, 20_000);

  test("a pushed commit under a fence that is over is refused", async () => {
    await stand.repository.plan(
      "plan: demo\ntitle: D\ntasks:\n  - { id: T1, title: One, files: [src/a.ts] }\n",
    );
    const claim = await stand.repository.next("claude:ada");
    stage("src/a.ts");
    clone.git("commit", "-qm", `x\n\nSkein-Task: demo/T1\nSkein-Fence: ${String(claim?.fence)}`);
    const { dispatch } = stand.repository.project.skein;
    await dispatch.releaseTask({ target: "demo/T1", by: null, person: "ada", reason: "stop" });
    const head = clone.git("rev-parse", "HEAD");

    const [code, text] = await guard(
      "pre-push origin url",
      ada,
      `refs/heads/x ${head} refs/heads/x ${"0".repeat(40)}\n`,
    );

    expect([code, text]).toEqual([1, expect.stringContaining("SKN-4963")]);
  });

  test("when the server is away agents are stopped and people are not", async () => {
    stage("src/a.ts");
    const away = { SKEIN_URL: "http://127.0.0.1:9" };

    const [code, text] = await guard("pre-commit", { ...ada, ...away });
    const [personCode, personText] = await guard("pre-commit", away);

    expect([code, text]).toEqual([1, expect.stringMatching(/SKN-7961.*SKN-7921/u)]);
    expect([personCode, personText]).toEqual([0, expect.stringContaining("It goes through")]);
  }, 20_000);
});

describe("the questions", () => {
  test("of a thousand marks is judged in parts, and answered whole and in order", async () => {
    const sizes: number[] = [];
    const marks = Array.from({ length: 1_000 }, (_, at) => ({ task: `demo/T${at}`, fence: 1 }));
    const judge: Guarding["judge"] = async (part) => {
      sizes.push(part.length);
      return Promise.resolve(part.map(({ task }) => ({ standing: "submitted", commits: [task] })));
    };

    const judged = await judgeInParts({ judge }, { judging: createRounds(marksAtOnce) }, marks);

    expect(sizes).toHaveLength(Math.ceil(1_000 / marksAtOnce));
    expect(Math.max(...sizes)).toBe(marksAtOnce);
    expect(judged).toEqual(marks.map(({ task }) => ({ standing: "submitted", commits: [task] })));
  });

  test.each([
    ["nonsense", {}],
    ["guard-nonsense", {}],
    ["guard-constructor", {}],
    ["pre-edit", { host: "unheard-of", paths: [], exempt: [] }],
    ["pre-edit", { host: "claude", paths: [1], exempt: [] }],
    ["guard-check", { paths: "all" }],
    ["guard-check", { paths: [{}] }],
    ["guard-judge", { marks: [{ task: 1 }] }],
    ["guard-override", { code: "SKN-4961" }],
  ])("%s with %j is refused as the caller's fault", async (question, body) => {
    const { status } = await stand.ask(`api/v1/hooks/${question}`, { method: "POST", body });

    expect([400, 404]).toContain(status);
  });
});
