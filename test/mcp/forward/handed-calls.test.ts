import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { HandedAnswer, HandedCall } from "../../../src/adapters/leading/listener.ts";
import { ownObject, parseLooseObject } from "../../../src/core/base/loose-object.ts";
import type { LooseObject } from "../../../src/core/base/loose-object.ts";
import { createHandedCalls } from "../../../src/mcp/forward/handed-calls.ts";
import { createMcpContext } from "../../../src/mcp/main.ts";
import { createProjectSource } from "../../../src/mcp/project-source.ts";
import type { ProjectSource } from "../../../src/mcp/project-source.ts";
import { createCoordinatedRepository, plainEnv } from "../../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../../support/coordinated-repository.ts";

let repository: CoordinatedRepository;
let source: ProjectSource;
let hand: (call: HandedCall, signal?: AbortSignal) => Promise<HandedAnswer>;

beforeEach(async () => {
  repository = await createCoordinatedRepository();
  const place = { cwd: repository.root, env: plainEnv };
  source = createProjectSource({ ...place, log: () => undefined });
  const streams = { input: new PassThrough(), output: new PassThrough(), log: new PassThrough() };
  const serve = createHandedCalls(
    createMcpContext({ ...place, streams }, source),
    new AbortController().signal,
  );
  hand = async (call, signal = new AbortController().signal) => serve(call, signal);
});

afterEach(async () => {
  await source.close();
  await repository.remove();
});

/** A worktree of its own, where another commit is checked out, of no branch. */
function worktree(): { readonly root: string; readonly head: string } {
  const root = join(repository.root, "../other");
  repository.git(repository.root, "worktree", "add", "--quiet", "--detach", root);
  repository.git(root, "commit", "--quiet", "--allow-empty", "-m", "Go on");
  return { root, head: repository.git(root, "rev-parse", "HEAD") };
}

async function claim(path: string, root: string): Promise<unknown> {
  const caller = { externalId: "a:1", root };
  const answer = await hand({ tool: "claim_files", body: { paths: [path] }, caller });
  return told(answer)["leases"];
}

/** The structure of an answer; empty where there is none. */
function told(answer: HandedAnswer): LooseObject {
  const result = answer.kind === "answered" ? (parseLooseObject(answer.text) ?? {}) : {};
  return ownObject(result, "structuredContent");
}

async function send(): Promise<HandedAnswer> {
  const body = { to: "all", text: "m" };
  return hand({ tool: "send_message", body, caller: { externalId: "a:1" } });
}

describe("createHandedCalls", () => {
  test("reads a path as what it is in the caller's worktree, not in this process's", async () => {
    const { root } = worktree();
    repository.write("here/a.ts", "");
    writeFileSync(join(root, "here"), "a file there");
    mkdirSync(join(root, "there"));

    expect(await claim("here", root)).toMatchObject([{ paths: ["here"] }]);
    expect(await claim("there", root)).toMatchObject([{ paths: ["there/"] }]);
    expect(await claim("docs", "docs")).toMatchObject([{ paths: ["docs/"] }]);
  });

  test("hands in HEAD of the caller's worktree where the call names no commit", async () => {
    const { root, head } = worktree();
    await repository.plan(
      "plan: p\ntitle: P\ntasks:\n  - id: T1\n    title: One\n    files: [src/a.ts]\n",
    );
    const caller = { externalId: "a:1", root, head };
    const given = await hand({ tool: "next_task", body: {}, caller });
    const { fence } = told(given);
    const body = { task: "T1", fence, outcome: "submitted", summary: "s", key: "mine" };

    const answer = await hand({ tool: "finish_task", body, caller });

    const { store, plans } = repository.project.skein;
    const task = await store.read(async (reader) => plans.get(reader, { plan: "p", id: "T1" }));
    expect(told(answer)).toMatchObject({ task: "p/T1" });
    expect(task.commit).toBe(head);
  });

  test("tells a session that calls too often so, and does not leave the call to the caller", async () => {
    const answers = await Promise.all(Array.from({ length: 150 }, async () => send()));

    const refused = answers.find((each) => "error" in told(each));
    expect(answers.filter(({ kind }) => kind === "away")).toEqual([]);
    expect(JSON.parse(refused?.kind === "answered" ? refused.text : "{}")).toMatchObject({
      isError: true,
      structuredContent: { error: { code: "SKN-7301" } },
    });
  });

  test("does nothing for whoever has given it up before its transaction began", async () => {
    const over = new AbortController();
    const body = { to: "all", text: "once" };
    const handed = hand({ tool: "send_message", body, caller: { externalId: "a:1" } }, over.signal);

    over.abort();

    expect(await handed).toEqual({ kind: "away" });
    const { store, messages, sessions } = repository.project.skein;
    expect(await store.read(async (reader) => messages.list(reader, {}))).toEqual([]);
    expect(await store.read(async (reader) => sessions.list(reader, "living"))).toEqual([]);
  });

  test.each(["look", "propose_plan", "review_changes", "ask_human", "nothing"])(
    "leaves %s to the process that was asked",
    async (tool) => {
      expect(await hand({ tool, body: {}, caller: {} })).toEqual({ kind: "away" });
    },
  );
});
