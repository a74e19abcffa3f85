import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { listTools } from "../../../src/mcp/index.ts";
import { createHttpStand } from "../../support/http-stand.ts";
import type { HttpStand } from "../../support/http-stand.ts";
import { connectTo } from "../../support/mcp-client.ts";
import type { Answer, McpAgent } from "../../support/mcp-client.ts";
import { aLoopbackServer, sayJson } from "../../support/loopback-server.ts";
import { cloneOf } from "../../support/remote-clone.ts";
import type { RemoteClone } from "../../support/remote-clone.ts";

let stand: HttpStand;
let clone: RemoteClone;
const open: { close(): Promise<unknown> }[] = [];

beforeEach(async () => {
  stand = await createHttpStand();
  clone = cloneOf(stand);
});

afterEach(async () => {
  await Promise.all(open.splice(0).map(async (each) => each.close()));
  clone.remove();
  await stand.close();
});

interface Connecting {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly era?: "legacy" | "modern";
}

async function agent({ env = {}, cwd = clone.root, era }: Connecting = {}): Promise<McpAgent> {
  const { SKEIN_URL = "", SKEIN_TOKEN = "" } = clone.env;
  const connected = await connectTo(
    cwd,
    { env: { SKEIN_URL, SKEIN_TOKEN, ...env }, ...(era === undefined ? {} : { era }) },
    () => undefined,
  );
  open.push(connected);
  return connected;
}

const plan = "plan: demo\ntitle: D\ntasks:\n  - { id: T1, title: One, files: [src/a.ts] }\n";

function errorOf(answer: Answer): unknown {
  return answer["error"];
}

describe.each(["legacy", "modern"] as const)("skein mcp over a server (%s)", (era) => {
  test("lists the same tools, prompts and resources", async () => {
    const { client } = await agent({ era });

    const { tools } = await client.listTools();

    expect(tools).toEqual(JSON.parse(JSON.stringify(listTools())));
    expect((await client.listPrompts()).prompts).toHaveLength(3);
    expect((await client.listResources()).resources).toHaveLength(2);
    expect((await client.getPrompt({ name: "worker" })).messages).toHaveLength(1);
  });

  test("takes a task through from claim to hand-in, in the same words as on the store itself", async () => {
    await stand.repository.plan(plan);
    const ada = await agent({ era, env: { CLAUDE_CODE_SESSION_ID: "ada" } });

    const next = await ada.call("next_task", { name: "Ada" });
    const update = await ada.call("update_task", {
      session: next["session"],
      task: "T1",
      fence: next["fence"],
      percent: 50,
    });
    const done = await ada.call("finish_task", {
      session: next["session"],
      task: "T1",
      fence: next["fence"],
      outcome: "submitted",
      summary: "done",
      commit: clone.git("rev-parse", "HEAD"),
    });

    expect(next["task"]).toMatchObject({ id: "T1", plan: "demo" });
    expect(update).toMatchObject({ status: "claimed" });
    expect(done).toMatchObject({ status: "submitted" });
  });
});

describe("skein mcp over a server", () => {
  test.each([
    ["no key", {}],
    ["a key of its own", { key: "mine" }],
    ["the word HEAD", { commit: "HEAD" }],
  ])("hands in HEAD of its own clone where no commit is named, with %s", async (_what, key) => {
    await stand.repository.plan(plan);
    const ada = await agent({ env: { CLAUDE_CODE_SESSION_ID: "ada" } });
    const { session, fence } = await ada.call("next_task", { name: "Ada" });
    clone.git("commit", "--quiet", "--allow-empty", "-m", "The work");

    const words = { session, task: "T1", fence, outcome: "submitted", summary: "done" };
    await ada.call("finish_task", { ...words, ...key });

    const { store, plans } = stand.repository.project.skein;
    const task = await store.read((reader) => plans.get(reader, { plan: "demo", id: "T1" }));
    expect(task.commit).toBe(clone.git("rev-parse", "HEAD").trim());
  });

  test("resolves paths where the agent stands: subfolder, link, folder and brackets", async () => {
    clone.write("app/[id]/page.tsx", "x\n");
    mkdirSync(join(clone.root, "deep"));
    symlinkSync("../src/b.ts", join(clone.root, "deep/link.ts"));
    const ada = await agent({ cwd: join(clone.root, "deep") });

    const claimed = await ada.call("claim_files", {
      paths: ["./link.ts", "docs", join(clone.root, "app/[id]/page.tsx")],
    });

    expect(claimed["granted"]).toBe(true);
    const { dispatch } = stand.repository.project.skein;
    const paths = [
      "deep/link.ts",
      "src/b.ts",
      "docs/any.md",
      "app/[id]/page.tsx",
      "app/i/page.tsx",
    ];
    const verdicts = await dispatch.check(null, paths);
    expect(paths.map((path) => verdicts.get(path)?.kind)).toEqual([
      "foreign",
      "foreign",
      "foreign",
      "foreign",
      "free",
    ]);
    const released = await ada.call("release_files", { paths: ["docs/"] });
    expect(released["count"]).toBe(1);
  });

  test("is one session with the hooks of its host, and another than that of the next agent", async () => {
    const ada = await agent({ env: { CLAUDE_CODE_SESSION_ID: "ada" } });
    const bob = await agent();

    await ada.call("claim_files", { paths: ["src/a.ts"] });
    const foreign = await bob.call("claim_files", { paths: ["src/a.ts"] });

    expect(foreign["granted"]).toBe(false);
    const { sessions, store } = stand.repository.project.skein;
    const living = await store.read((reader) => sessions.list(reader, "living"));
    expect(living.map(({ externalId }) => externalId)).toEqual([
      "claude:ada",
      expect.stringMatching(/^mcp:/u),
    ]);
    expect(living.map(({ gitDir }) => gitDir)).toEqual([
      expect.stringMatching(/:.*clone\/\.git$/u),
      expect.stringMatching(/:.*clone\/\.git$/u),
    ]);
  });

  test("reads resources, and says of one that is not there what the store itself would say", async () => {
    await stand.repository.plan(plan);
    const { client } = await agent();

    const board = await client.readResource({ uri: "skein://board" });

    expect(JSON.stringify(board.contents)).toContain("demo");
    await expect(client.readResource({ uri: "skein://task/demo/T9" })).rejects.toThrow(
      /not found/iu,
    );
    await expect(client.readResource({ uri: "skein://nothing" })).rejects.toThrow(/not found/iu);
  });

  test.each(["legacy", "modern"] as const)(
    "tells a %s client of changes to what it subscribed to, through the server's stream",
    async (era) => {
      await stand.repository.plan(plan);
      const { client } = await agent({ era });
      const told: string[] = [];
      const heard = new Promise<void>((resolve) => {
        client.setNotificationHandler("notifications/resources/updated", ({ params }) => {
          told.push(params.uri);
          resolve();
        });
      });
      if (era === "modern") {
        await client.listen({ resourceSubscriptions: ["skein://plan/demo"] });
      } else {
        await client.subscribeResource({ uri: "skein://plan/demo" });
      }

      await stand.repository.next("claude:grace");
      await heard;

      expect(new Set(told)).toEqual(new Set(["skein://plan/demo"]));
    },
    20_000,
  );

  test("answers wrong arguments and refusals as before, without or with the server", async () => {
    const ada = await agent();

    const wrong = await ada.call("claim_files", { path: ["a"] });
    const stale = await ada.call("update_task", { task: "T9", fence: 1 });

    expect(errorOf(wrong)).toMatchObject({ code: "SKN-1901" });
    expect(errorOf(stale)).toMatchObject({ code: expect.stringMatching(/^SKN-5/u) });
  });

  test("a call that is canceled is given up at the server, too", async () => {
    await stand.repository.plan(plan);
    await stand.repository.next("claude:grace");
    const { client } = await agent();
    const stop = new AbortController();
    const asked = client.callTool(
      { name: "next_task", arguments: { wait_seconds: 40 } },
      { signal: stop.signal },
    );
    setTimeout(() => {
      stop.abort();
    }, 300);
    const startMs = performance.now();

    await expect(asked).rejects.toThrow();

    expect(performance.now() - startMs).toBeLessThan(5_000);
  });

  test("says that the server is away, when to ask again, and goes on when it is back", async () => {
    const away = await aLoopbackServer(() => undefined);
    await away.close();
    const ada = await agent({ env: { SKEIN_URL: away.url } });

    const refused = await ada.call("look", { at: "board" });
    const back = await aLoopbackServer(
      (_request, response) => {
        sayJson(response, 200, { session: "s", at: "board", cursor: 1, data: {}, next: "" });
      },
      Number(new URL(away.url).port),
    );
    open.push(back);
    const answered = await ada.call("look", { at: "board" });

    expect(errorOf(refused)).toMatchObject({ code: "SKN-7921", retry_after_ms: 1_000 });
    expect(answered["cursor"]).toBe(1);
  }, 20_000);

  test("a call whose answer is lost is sent again under its key and done once", async () => {
    const keys: unknown[] = [];
    const flaky = await aLoopbackServer(async (request, response) => {
      keys.push(JSON.parse(request.body)["key"]);
      const tool = request.url.split("/").at(-1) ?? "";
      const real = await stand.call(tool, JSON.parse(request.body), {
        "skein-external-id": String(request.headers["skein-external-id"]),
      });
      if (keys.length === 1) {
        response.socket?.destroy();
      } else {
        sayJson(response, real.status, real.body);
      }
    });
    open.push(flaky);
    const ada = await agent({ env: { SKEIN_URL: flaky.url, SKEIN_EXTERNAL_ID: "ada" } });

    const sent = await ada.call("send_message", { to: "all", text: "hello" });

    expect(sent["id"]).toBe("M1");
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBe(keys[1]);
    const { events, store } = stand.repository.project.skein;
    const log = await store.read((reader) => events.after(reader, 0, 100));
    expect(log.filter(({ kind }) => kind === "message.sent")).toHaveLength(1);
  });

  test("an address that cannot be used, or a token that is none, is told by each call", async () => {
    const odd = await agent({ env: { SKEIN_URL: "https://ada:pw@skein.example.com" } });
    const poor = await agent({ env: { SKEIN_TOKEN: "wrong" } });

    expect(errorOf(await odd.call("look", { at: "board" }))).toMatchObject({ code: "SKN-1921" });
    expect(errorOf(await poor.call("look", { at: "board" }))).toMatchObject({ code: "SKN-3931" });
  });
});
