import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LineOutcome } from "../../../src/adapters/leading/listener.ts";
import { ownObject, parseLooseObject } from "../../../src/core/base/loose-object.ts";
import type { LooseObject } from "../../../src/core/base/loose-object.ts";
import { createHandedCalls } from "../../../src/mcp/forward/handed-calls.ts";
import { createHandedLines } from "../../../src/mcp/forward/handed-lines.ts";
import { createMcpContext } from "../../../src/mcp/main.ts";
import type { McpContext } from "../../../src/mcp/context.ts";
import { createProjectSource } from "../../../src/mcp/project-source.ts";
import type { ProjectSource } from "../../../src/mcp/project-source.ts";
import { createCoordinatedRepository, plainEnv } from "../../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../../support/coordinated-repository.ts";

let repository: CoordinatedRepository;
let source: ProjectSource;
let context: McpContext;
let serveLine: ReturnType<typeof createHandedLines>;

beforeEach(async () => {
  repository = await createCoordinatedRepository();
  const place = { cwd: repository.root, env: plainEnv };
  source = createProjectSource({ ...place, log: () => undefined });
  const streams = { input: new PassThrough(), output: new PassThrough(), log: new PassThrough() };
  context = createMcpContext({ ...place, streams }, source);
  serveLine = createHandedLines(context);
});

afterEach(async () => {
  await source.close();
  await repository.remove();
});

/** Who speaks from the main worktree. */
function aSpeaker(odd: LooseObject = {}): LooseObject {
  const { root, gitDir, commonDir } = repository.project.repository;
  const { self } = context.processes();
  return { client: "codex", connection: "c-1", self, host: null, root, gitDir, commonDir, ...odd };
}

interface Spoken {
  readonly speaker?: LooseObject;
  readonly id?: number | string;
  readonly meta?: object;
  readonly signal?: AbortSignal;
  readonly key?: string;
}

async function hand(name: string, args: object, spoken: Spoken = {}): Promise<LineOutcome> {
  const { id = 1, meta, ...rest } = spoken;
  const params = { name, arguments: args, ...(meta === undefined ? {} : { _meta: meta }) };
  return say(JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params }), rest);
}

async function say(text: string, spoken: Omit<Spoken, "id" | "meta"> = {}): Promise<LineOutcome> {
  const { speaker = aSpeaker(), key = "auto-k-1", signal = new AbortController().signal } = spoken;
  return serveLine({ line: Buffer.from(text), key, speaker }, signal);
}

/** The structure of an answer; empty where there is none. */
function told(outcome: LineOutcome): LooseObject {
  const line = outcome.kind === "answered" ? (parseLooseObject(outcome.text) ?? {}) : {};
  return ownObject(ownObject(line, "result"), "structuredContent");
}

const onePlan = "plan: p\ntitle: P\ntasks:\n  - id: T1\n    title: One\n    files: [src/a.ts]\n";

describe("createHandedLines", () => {
  test("answers a call with the line that its own process would write", async () => {
    const outcome = await hand("send_message", { to: "all", text: "näh" }, { id: "a-5" });

    const line: unknown = JSON.parse(outcome.kind === "answered" ? outcome.text : "");
    const structuredContent = told(outcome);
    expect(line).toEqual({
      jsonrpc: "2.0",
      id: "a-5",
      result: {
        content: [{ type: "text", text: JSON.stringify(structuredContent) }],
        structuredContent,
      },
    });
    expect(structuredContent).toMatchObject({ session: expect.any(String) });
  });

  test.each([
    {
      by: "its environment",
      said: { externalId: "claude:s-1", parentExternalId: "claude:s-0" },
      meta: {},
      externalId: "claude:s-1",
    },
    { by: "its client's word", said: {}, meta: { threadId: "t-1" }, externalId: "codex:t-1" },
    { by: "its connection", said: {}, meta: {}, externalId: "mcp:c-1" },
  ])("knows the caller by $by", async ({ said, meta, externalId }) => {
    const speaker = aSpeaker(said);
    await hand("send_message", { to: "all", text: "m" }, { speaker, meta });

    const { store, sessions } = repository.project.skein;
    const found = await store.read(async (reader) => sessions.byExternalId(reader, externalId));
    expect(found).toMatchObject({
      client: "codex",
      branch: "main",
      gitDir: repository.project.repository.gitDir,
      process: context.processes().self,
    });
  });

  test("does a call once under the key that came with its line, or its own", async () => {
    const own = { to: "all", text: "mine", key: "mine" };
    await hand("send_message", { to: "all", text: "m" });
    await hand("send_message", own);

    await hand("send_message", { to: "all", text: "m" });
    await hand("send_message", own);

    const { store, messages } = repository.project.skein;
    const sent = await store.read(async (reader) => messages.list(reader, {}));
    expect(sent.map(({ text }) => text).toSorted()).toEqual(["m", "mine"]);
  });

  test("sees branch and HEAD of the speaker's worktree as they are at each call", async () => {
    await repository.plan(onePlan);
    const root = join(repository.root, "../other");
    repository.git(repository.root, "worktree", "add", "--quiet", "-b", "one", root);
    const gitDir = repository.git(root, "rev-parse", "--absolute-git-dir");
    const speaker = aSpeaker({ root, gitDir });
    const given = await hand("next_task", {}, { speaker });
    repository.git(root, "checkout", "--quiet", "-b", "two");
    writeFileSync(join(root, "src/a.ts"), "two");
    repository.git(root, "commit", "--quiet", "-am", "Two");

    const args = { task: "T1", fence: told(given)["fence"], outcome: "submitted", summary: "s" };
    await hand("finish_task", args, { speaker, key: "auto-k-2" });

    const { store, plans } = repository.project.skein;
    const task = await store.read(async (reader) => plans.get(reader, { plan: "p", id: "T1" }));
    expect(task).toMatchObject({
      branch: "two",
      commit: repository.git(root, "rev-parse", "HEAD"),
    });
  });

  test("refuses in the agent's own line what its tool refuses", async () => {
    const outcome = await hand("finish_task", { task: "T1" });

    expect(told(outcome)).toMatchObject({ error: { code: "SKN-1901" } });
  });

  test("does nothing for whoever has given it up before its transaction began", async () => {
    const over = new AbortController();
    const handed = hand("send_message", { to: "all", text: "m" }, { signal: over.signal });

    over.abort();

    expect(await handed).toEqual({ kind: "away" });
    const { store, messages } = repository.project.skein;
    expect(await store.read(async (reader) => messages.list(reader, {}))).toEqual([]);
  });

  test("knows a session by the handle that it was given for a call that came the other way", async () => {
    const book = new Map<string, string>();
    serveLine = createHandedLines(context, book);
    const serve = createHandedCalls(context, new AbortController().signal, book);
    const caller = { externalId: "claude:s-1" };
    await serve(
      { tool: "send_message", body: { to: "all", text: "m" }, caller },
      new AbortController().signal,
    );
    const known = new Map(book);

    await hand("send_message", { to: "all", text: "n" }, { speaker: aSpeaker(caller) });

    expect(book).toEqual(known);
  });

  test.each([
    ["no JSON", "{"],
    [
      "a key that stands twice",
      `{"jsonrpc":"2.0","id":1,"id":2,"method":"tools/call","params":{}}`,
    ],
    ["bytes that are no text", Buffer.from([0x7b, 0xff]).toString("latin1")],
    ["another method", `{"jsonrpc":"2.0","id":1,"method":"ping"}`],
    ["a notification", `{"jsonrpc":"2.0","method":"tools/call","params":{"name":"next_task"}}`],
    ["a wait", lineOf("next_task", { wait_seconds: 1 })],
    ["paths, which count from where the agent is", lineOf("update_task", { add_paths: ["a"] })],
    ["another tool", lineOf("look", {})],
  ])("leaves %s to the process that was asked", async (_what, text) => {
    expect(await say(text)).toEqual({ kind: "odd" });
  });
});

function lineOf(name: string, args: object): string {
  const params = { name, arguments: args };
  return JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
}
