import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CliIo } from "../../src/cli/io.ts";
import { runCli } from "../../src/cli/run.ts";
import { createCommandRunner } from "../../src/cli/serve/command-runner.ts";
import { openProject } from "../../src/compose.ts";
import { openProjectServer } from "../../src/compose-projects.ts";
import { createLoopbackGate, startHttpServer } from "../../src/http/index.ts";
import { aReply, aReplyTask } from "../core/planner/builders.ts";
import { plainEnv } from "../support/coordinated-repository.ts";
import { askAt, connectTo as connectHttp, createHttpStand } from "../support/http-stand.ts";
import type { HttpAnswer, HttpStand } from "../support/http-stand.ts";
import { connectTo } from "../support/mcp-client.ts";
import type { McpAgent } from "../support/mcp-client.ts";
import { say, startModelServer } from "../support/model-servers/index.ts";
import type { ModelServer } from "../support/model-servers/index.ts";
import { createPostgresPlace, postgresUrl } from "../support/postgres.ts";
import { cloneOf } from "../support/remote-clone.ts";
import type { RemoteClone } from "../support/remote-clone.ts";
import {
  after,
  before,
  callMicroUsd,
  reviewEnv,
  scriptedReviewer,
  settingsFor,
  usage,
} from "../support/review-stand.ts";

const finder = scriptedReviewer({ finds: true, invents: false });
const reader = scriptedReviewer({ finds: false, invents: false });
const draft = aReply([
  aReplyTask("rules", { scope: ["src/price/**"], new_paths: ["src/price/**"] }),
  aReplyTask("cart", { scope: ["src/cart/**"], new_paths: ["src/cart/**"], depends_on: ["rules"] }),
]);

/** Four seats read; the one that found the bug has nothing to vote on. */
const callsOfReview = 7;

let servers: ModelServer[];
let stand: HttpStand;
let clone: RemoteClone;
let agents: McpAgent[];
/** Models answer when this is over. */
let held: Promise<unknown>;

beforeEach(async () => {
  const anthropic = await startModelServer({
    reply: async (call) => {
      await held;
      return call.prompt.includes("Show gross prices") ? say(draft, { usage }) : finder(call);
    },
  });
  const openai = await startModelServer({ reply: reader });
  servers = [anthropic, openai];
  agents = [];
  held = Promise.resolve(undefined);
  stand = await createHttpStand({
    commands: createCommandRunner(),
    env: { ...plainEnv, ...reviewEnv },
    prepare: (repository) => {
      const { root } = repository;
      repository.write("skein.yml", settingsFor(anthropic, openai, "review: { preset: fast }\n"));
      repository.write("src/pay.ts", before);
      repository.git(root, "add", ".");
      repository.git(root, "commit", "--quiet", "-m", "Pay");
    },
  });
  clone = cloneOf(stand);
  clone.git("checkout", "--quiet", "-b", "feature/pay");
  clone.write("src/pay.ts", after);
  clone.git(
    "-c",
    "user.name=ada",
    "-c",
    "user.email=ada@example.org",
    "commit",
    "--quiet",
    "-am",
    "Settle by index",
  );
});

afterEach(async () => {
  await Promise.all(agents.map(async (each) => each.close()));
  clone.remove();
  await stand.close();
  await Promise.all(servers.map(async (server) => server.close()));
});

/** An agent in the clone: nothing of the server's machine is there, and no key of a model. */
async function agent(): Promise<McpAgent> {
  const { SKEIN_URL = "", SKEIN_TOKEN = "" } = clone.env;
  const connected = await connectTo(
    clone.root,
    { env: { SKEIN_URL, SKEIN_TOKEN } },
    () => undefined,
  );
  agents.push(connected);
  return connected;
}

const calls = (): number => servers.reduce((sum, server) => sum + server.calls.length, 0);

async function spent(): Promise<number> {
  const { store, costs } = stand.repository.project.skein;
  const budgets = await store.read(async (reader_) => costs.spentBySeat(reader_, "R1"));
  return budgets.reduce((sum, { microUsd }) => sum + microUsd, 0);
}

/** Runs `skein` in the clone through the server. */
async function skein(
  words: readonly string[],
  env: CliIo["env"] = clone.env,
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  let [out, err] = ["", ""];
  const io: CliIo = {
    cwd: clone.root,
    env,
    isInteractive: false,
    isTerminal: false,
    write: (text) => {
      out += text;
    },
    draw: () => undefined,
    warn: (line) => {
      err += `${line}\n`;
    },
    readInput: async () => Promise.resolve(""),
    ask: async () => Promise.resolve(""),
    signal: new AbortController().signal,
  };
  const code = await runCli(words, io);
  return { code, out, err };
}

describe("review_changes over a server", () => {
  test("sends the clone's change, tells its progress, and counts the money in the project's ledger", async () => {
    const { client } = await agent();
    const told: { readonly progress: number; readonly message?: string | undefined }[] = [];
    const result = await client.callTool(
      { name: "review_changes", arguments: {} },
      { onprogress: (progress) => told.push(progress) },
    );

    expect(result.structuredContent).toMatchObject({
      id: "R1",
      verdict: "changes",
      findings: [{ id: "F1", at: "src/pay.ts:3" }],
      usd: (callsOfReview * callMicroUsd) / 1_000_000,
    });
    expect(told.map(({ message }) => message)).toContain("Seat 1 answered");
    expect(told.map(({ progress }) => progress).at(-1)).toBeGreaterThan(3);
    expect(await spent()).toBe(callsOfReview * callMicroUsd);
    expect(calls()).toBe(callsOfReview);
  });

  test("reviews the caller's branch in its own repository where nothing is sent, with progress over HTTP", async () => {
    clone.git("push", "--quiet", "origin", "feature/pay");
    const client = await stand.connect();
    const told: unknown[] = [];
    const result = await client.callTool(
      { name: "review_changes", arguments: {} },
      { onprogress: (progress) => told.push(progress) },
    );
    const named = await stand.call("review_changes", {}, { "skein-branch": "feature%2Fpay" });

    // A client that names no branch has none here.
    expect(JSON.stringify(result.content)).toContain("SKN-8901");
    expect(named.body).toMatchObject({ verdict: "changes", findings: [{ at: "src/pay.ts:3" }] });
    await client.close();
  });

  test("a stream tells how far it is, then the answer; a client that wants none has JSON", async () => {
    clone.git("push", "--quiet", "origin", "feature/pay");
    const { headers, text } = await stand.call(
      "review_changes",
      {},
      { "skein-branch": "feature%2Fpay", accept: "text/event-stream" },
    );

    expect(headers.get("content-type")).toBe("text/event-stream");
    const told = [...text.matchAll(/^event: progress\ndata: \{"done":(\d+),"total":(\d+),/gmu)];
    const done = told.map(([, each]) => Number(each));
    expect(told.length).toBeGreaterThan(4);
    expect(done).toEqual([...new Set(done)].toSorted((one, other) => one - other));
    expect(told.every(([, each, total]) => Number(each) <= Number(total))).toBe(true);
    expect(text).toMatch(/\n\nevent: answer\ndata: \{"session":.*"verdict":"changes".*\}\n\n$/u);
  });

  test("progress reaches a client of the protocol over HTTP, without a stand-in on its machine", async () => {
    clone.git("push", "--quiet", "origin", "feature/pay");
    const client = await connectHttp(`${stand.url}/mcp`, {}, { "skein-branch": "feature%2Fpay" });
    const told: (string | undefined)[] = [];
    const result = await client.callTool(
      { name: "review_changes", arguments: {} },
      { onprogress: ({ message }) => told.push(message) },
    );
    await client.close();

    expect(result.structuredContent).toMatchObject({ id: "R1", verdict: "changes" });
    expect(told.filter((message) => /^Seat \d answered$/u.test(message ?? ""))).not.toEqual([]);
  });

  test("another node waits for a review that this one runs, and has its result", async () => {
    clone.git("push", "--quiet", "origin", "feature/pay");
    const gate = new AbortController();
    held = once(gate.signal, "abort");
    const other = await startHttpServer({
      projects: await openProjectServer({ cwd: stand.repository.root, env: plainEnv }),
      gate: createLoopbackGate({ token: stand.token, person: "ada", origins: [] }),
      version: "0.0.0",
      env: plainEnv,
      host: "127.0.0.1",
      port: 0,
      origins: [],
      log: () => undefined,
      commands: null,
    });
    const here = stand.call("review_changes", {}, { "skein-branch": "feature%2Fpay" });
    await expect.poll(calls, { timeout: 60_000 }).toBeGreaterThan(0);
    const there = askAt(`${other.url}/api/v1/tools/review_changes`, {
      method: "POST",
      body: { id: "R1" },
    });
    const unknown = await askAt(`${other.url}/api/v1/tools/review_changes`, {
      method: "POST",
      body: { id: "R9" },
    });
    gate.abort();
    const [mine, theirs] = await Promise.all([here, there]);
    await other.drain({ noticeMs: 0, withinMs: 5_000 });

    expect(unknown.body["error"]).toMatchObject({ code: "SKN-5871" });
    expect([theirs.status, theirs.body]).toMatchObject([200, { id: "R1", verdict: "changes" }]);
    expect(theirs.body["findings"]).toEqual(mine.body["findings"]);
  });

  test.each([
    ["work", 7],
    ["change", { change: [] }],
    ["diff", { change: { subject: "branch:x" } }],
    ["subject", { change: { subject: "pr:acme/shop#1", diff: "" } }],
    ["base", { change: { subject: "branch:x", diff: "", base: "HEAD" } }],
    ["lock_files", { change: { subject: "branch:x", diff: "", lock_files: [1] } }],
    ["instructions", { change: { subject: "branch:x", diff: "", instructions: [{ path: "a" }] } }],
    ["paths", { tree: { commit: null, paths: ["a\0b"] } }],
  ])("refuses work whose %s is not as it should be", async (field, work) => {
    const { status, body } = await stand.call("review_changes", { work });

    expect([status, body["error"]]).toMatchObject([400, { code: "SKN-1924" }]);
    expect(JSON.stringify(body)).toContain(field);
    expect(calls()).toBe(0);
  });
});

async function run(
  command: readonly string[],
  options: object,
  more: object = {},
): Promise<HttpAnswer> {
  return stand.ask("api/v1/commands", { method: "POST", body: { command, options, ...more } });
}

describe("skein review --url", () => {
  test("ends with the words and the code of a review here, without a session of its own", async () => {
    const { code, out, err } = await skein(["review"]);
    const shown = await skein(["review", "show", "R1"]);
    const sessions = await skein(["session", "list", "--json"]);

    expect([code, err]).toEqual([20, "Review R1 is kept: `skein review show R1`.\n"]);
    expect(out).toContain("src/pay.ts:3");
    expect(shown.code).toBe(20);
    expect(JSON.parse(sessions.out)).toMatchObject({ sessions: [] });
    expect(await spent()).toBe(callsOfReview * callMicroUsd);
  });

  test("estimates, reviews the working tree, and keeps to what the settings let a run spend", async () => {
    clone.git("checkout", "--quiet", "main");
    clone.write("src/pay.ts", after);
    const estimate = await skein(["review", "--worktree", "--estimate", "--json"]);
    const { code, out } = await skein([
      "review",
      "--worktree",
      "--json",
      "--budget-usd",
      "0.000001",
    ]);

    expect(JSON.parse(estimate.out)).toMatchObject({ is_enough: true, seats: expect.any(Array) });
    expect([code, JSON.parse(out)]).toMatchObject([21, { verdict: "incomplete" }]);
    expect(calls()).toBe(0);
  });

  test.each([
    [["--verify", "true"], "SKN-1922"],
    [["--record", "a.json"], "SKN-1922"],
    [["--range", "nowhere..HEAD"], "SKN-5952"],
  ])("refuses %j here, before anything is sent", async (options, code) => {
    const outcome = await skein(["review", ...options]);

    expect(outcome.err).toContain(code);
    expect(calls()).toBe(0);
  });

  test("is no way to files or commands of the server's machine", async () => {
    const work = { change: { subject: "branch:x", diff: "" }, tree: { commit: null, paths: [] } };

    for (const option of ["patch", "verify", "record", "replay", "range"]) {
      const { body } = await run(["review"], { [option]: "/etc/passwd" }, { work });
      expect(body).toMatchObject({ exit_code: 9, stdout: "" });
      expect(String(body["stderr"])).toContain("SKN-8003");
    }
    const { body } = await run(["plan", "draft"], { spec: "/etc/passwd" }, { work });
    expect(String(body["stderr"])).toContain("SKN-8003");
    const without = await run(["review"], {});
    expect(String(without.body["stderr"])).toContain("Nothing was sent to be reviewed");
  });
});

describe("plans over a server", () => {
  test("propose_plan {goal} drafts with the server's model on the clone's tree, and the draft is taken in", async () => {
    const ada = await agent();
    const drafted = await ada.call("propose_plan", { goal: "Show gross prices" });
    const taken = await ada.call("propose_plan", { draft: String(drafted["draft"]) });

    expect(drafted).toMatchObject({ dry_run: true, created: 2 });
    expect(taken).toMatchObject({ plan: "show-gross-prices", dry_run: false, created: 2 });
    expect(calls()).toBe(1);
  });

  test("skein plan draft and plan approve do the same for a person", async () => {
    const drafted = await skein(["plan", "draft", "Show gross prices", "--json"]);
    const { hash }: { hash: string } = JSON.parse(drafted.out);
    const approved = await skein(["plan", "approve", hash]);
    const shown = await skein(["plan", "show", "show-gross-prices"]);

    expect(drafted.code).toBe(0);
    expect([approved.code, approved.err]).toEqual([0, ""]);
    expect(shown.out).toContain("Give cart its tax rate");
  });

  test("a checklist is read here and named after its file; a draft on another commit is not taken in", async () => {
    clone.write("docs/release.md", "# Release\n\n- [ ] Tag it `src/pay.ts`\n- [ ] Tell people\n");
    const drafted = await skein(["plan", "draft", "--spec", "docs/release.md", "--json"]);
    const { hash }: { hash: string } = JSON.parse(drafted.out);
    clone.git("branch", "--quiet", "--force", "main", "feature/pay");
    const stale = await skein(["plan", "approve", hash]);

    expect(JSON.parse(drafted.out)).toMatchObject({ plan: "release" });
    expect([stale.code, stale.err]).toEqual([5, expect.stringContaining("SKN-4841")]);
    expect(calls()).toBe(0);
  });
});

describe.skipIf(postgresUrl === null)("a server of a database, without a repository", () => {
  test("reviews what a clone sends, with the models of its own folder, for the project that asked", async () => {
    const [anthropic, openai] = servers;
    const folder = mkdtempSync(join(tmpdir(), "skein-operator-"));
    writeFileSync(
      join(folder, "skein.yml"),
      anthropic && openai ? settingsFor(anthropic, openai) : "",
    );
    const place = await createPostgresPlace(postgresUrl ?? "");
    const env = { ...plainEnv, ...reviewEnv, SKEIN_DATABASE_URL: place.url };
    const made = await openProject({
      cwd: stand.repository.root,
      env: { ...env, SKEIN_PROJECT: "acme/shop" },
      unknownProject: "add",
    });
    const token = "a-token-of-this-database-0000000000000000";
    const server = await startHttpServer({
      projects: await openProjectServer({ cwd: folder, env }),
      gate: createLoopbackGate({ token, person: "ada", origins: [] }),
      version: "0.0.0",
      env,
      host: "127.0.0.1",
      port: 0,
      origins: [],
      log: () => undefined,
      commands: createCommandRunner(),
    });
    const url = `${server.url}/p/acme%2Fshop`;
    const here = { ...clone.env, SKEIN_URL: url, SKEIN_TOKEN: token };
    const reviewed = await skein(["review", "--preset", "fast", "--json"], here);
    const drafted = await skein(["plan", "draft", "Show gross prices", "--json"], here);
    const bare = await askAt(`${url}/api/v1/tools/review_changes`, {
      method: "POST",
      body: {},
      headers: { authorization: `Bearer ${token}`, "skein-branch": "main" },
    });
    const seats = await made.skein.store.read(async (reader_) =>
      made.skein.costs.spentBySeat(reader_, "R1"),
    );
    await server.drain({ noticeMs: 0, withinMs: 5_000 });
    await made.skein.close();
    await place.remove();
    rmSync(folder, { recursive: true });

    expect([reviewed.code, JSON.parse(reviewed.out)]).toMatchObject([20, { verdict: "changes" }]);
    expect([drafted.code, JSON.parse(drafted.out)]).toMatchObject([
      0,
      { plan: "show-gross-prices" },
    ]);
    expect([bare.status, bare.body["error"]]).toMatchObject([403, { code: "SKN-8901" }]);
    expect(seats.reduce((sum, { microUsd }) => sum + microUsd, 0)).toBe(
      callsOfReview * callMicroUsd,
    );
  });
});
