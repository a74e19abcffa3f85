import { generateKeyPairSync } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CliIo } from "../../src/cli/io.ts";
import { runCli } from "../../src/cli/run.ts";
import { createCommandRunner } from "../../src/cli/serve/command-runner.ts";
import { faultsOf } from "../support/cli-documents.ts";
import { createHttpStand } from "../support/http-stand.ts";
import type { HttpStand } from "../support/http-stand.ts";
import { aLoopbackServer, sayJson } from "../support/loopback-server.ts";
import { cloneOf } from "../support/remote-clone.ts";
import type { RemoteClone } from "../support/remote-clone.ts";
import { twoTasks } from "./command-line.ts";
import type { Outcome, World } from "./command-line.ts";

const pem = { type: "spki", format: "pem" } as const;

let stand: HttpStand;
let clone: RemoteClone;

beforeEach(async () => {
  stand = await createHttpStand({ commands: createCommandRunner() });
  clone = cloneOf(stand);
});

afterEach(async () => {
  clone.remove();
  await stand.close();
});

/** Runs `skein` in the clone, with the server in its environment, or in the repository that is served. */
async function skein(
  words: string | readonly string[],
  world: World & { readonly isThere?: boolean } = {},
): Promise<Outcome> {
  let [out, err] = ["", ""];
  const left = [...(world.answers ?? [])];
  const { SKEIN_URL: _url, SKEIN_TOKEN: _token, ...plain } = clone.env;
  const io: CliIo = {
    cwd: world.cwd ?? (world.isThere === true ? stand.repository.root : clone.root),
    env: { ...(world.isThere === true ? plain : clone.env), ...world.env },
    isInteractive: world.answers !== undefined,
    isTerminal: false,
    write: (text) => {
      out += text;
      world.onWrite?.(text);
    },
    draw: () => undefined,
    warn: (line) => {
      err += `${line}\n`;
      world.onWrite?.(line);
    },
    readInput: async () => Promise.resolve(world.input ?? ""),
    ask: async () => Promise.resolve(left.shift() ?? ""),
    signal: world.signal ?? new AbortController().signal,
  };
  const code = await runCli(typeof words === "string" ? words.split(" ") : words, io);
  return { code, out, err };
}

describe("skein over a server", () => {
  test("says the same as in the repository itself: words, JSON and exit codes", async () => {
    clone.write("plan.yml", twoTasks);

    const imported = await skein("plan import plan.yml");

    expect(imported).toMatchObject({ code: 0, err: "" });
    expect(imported.out).toContain('Took in the plan "demo" (Two tasks): 2 created.');
    for (const words of [
      "plan list",
      "plan show demo --json",
      "plan export demo --format markdown",
      "task list",
      "task why T2 --json",
      "task show T9",
      "lease list",
      "session list --all",
      "message list --json",
      "cost",
      "verify",
      "events --json",
      "plan pause nonsense",
    ]) {
      const [far, near] = [await skein(words), await skein(words, { isThere: true })];
      expect(far, words).toEqual(near);
    }
  });

  test("reads plans and texts here, in the format that the file's name tells", async () => {
    clone.write("plan.md", "# Small\n\n- [ ] One\n- [ ] Two\n");

    const fromFile = await skein("plan import plan.md --dry-run");
    const fromInput = await skein("plan import - --format yaml", { input: twoTasks });
    const none = await skein("plan import gone.yml");
    const sent = await skein(["message", "send", "-"], { input: "hello\n" });

    expect(fromFile).toMatchObject({
      err: "",
      out: expect.stringContaining("Nothing was changed."),
    });
    expect(fromInput.code).toBe(0);
    expect(none).toMatchObject({ code: 2, err: expect.stringContaining("SKN-1008") });
    expect(sent.code).toBe(0);
    expect((await skein("message list")).out).toContain("hello");
  });

  test("resolves paths of leases from where the person stands", async () => {
    await stand.repository.claim("codex:grace", ["src/b.ts"]);

    const check = await skein("lease check a.ts b.ts", { cwd: join(clone.root, "src") });
    const out = await skein(["lease", "check", "../../elsewhere"]);

    expect(check.code).toBe(5);
    expect(check.out).toContain("src/a.ts is free");
    expect(check.out).toMatch(/src\/b\.ts is held by/u);
    expect(out).toMatchObject({ err: expect.stringContaining("SKN-8951") });
  });

  test("asks the person here for what the server may not ask: a reason, and a yes", async () => {
    await stand.repository.claim("codex:grace", ["src/b.ts"]);

    const dumb = await skein("session revoke s1 --reason gone");
    const declined = await skein("session revoke s1", { answers: ["too slow", "n"] });
    const done = await skein("session revoke s1", { answers: ["too slow", "y"] });

    expect(dumb).toMatchObject({ code: 2, err: expect.stringContaining("SKN-1007") });
    expect(declined).toMatchObject({ code: 9, err: expect.stringContaining("SKN-8001") });
    expect(done).toMatchObject({ code: 0, out: expect.stringContaining("is ended") });
  });

  test("writes an export into a file here, and never over one", async () => {
    const first = await skein("export state.json");
    const again = await skein("export state.json");

    expect(first.out).toMatch(/^Wrote \d+ bytes to state\.json\.\n$/u);
    expect(JSON.parse(readFileSync(join(clone.root, "state.json"), "utf8"))).toHaveProperty(
      "tables",
    );
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining("SKN-1009") });
  });

  test("asks a person once for what the server lacks, and believes it when that does not help", async () => {
    const missing = "SKN-1011 A reason is needed.\n";
    const server = await aLoopbackServer((_request, response) => {
      // One that goes on asking would never come to an end.
      const isEnough = server.seen.length > 5;
      sayJson(response, 200, { exit_code: isEnough ? 0 : 2, stdout: "", stderr: missing });
    });
    const world = { env: { SKEIN_URL: server.url }, answers: ["because", "so there"] };

    const asked = await skein("task cancel T1 --yes", world);
    const told = await skein("task cancel T1 --yes --reason enough", world);

    await server.close();
    expect([asked.code, told.code]).toEqual([2, 2]);
    expect(server.seen.map(({ body }) => JSON.parse(body).options.reason ?? null)).toEqual([
      null,
      "because",
      "enough",
    ]);
  });

  test("writes the audited log into a file here, and checks it with a key that is here", async () => {
    clone.write("key.pem", generateKeyPairSync("ed25519").publicKey.export(pem).toString());
    await stand.repository.claim("codex:grace", ["src/b.ts"]);

    const written = await skein("audit export events.jsonl");
    const again = await skein("audit export events.jsonl");
    const told = await skein("audit export told.jsonl --json");
    const checked = await skein("audit verify --public-key key.pem");
    const wrong = await skein("audit verify --public-key README.md");

    const [first = ""] = readFileSync(join(clone.root, "events.jsonl"), "utf8").split("\n");
    expect(written).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(first)).toMatchObject({ seq: 1 });
    expect(faultsOf("audit export", JSON.parse(told.out))).toEqual([]);
    expect(written.out).toMatch(/^Wrote \d+ events to events\.jsonl\.$/mu);
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining("SKN-1009") });
    expect(checked).toMatchObject({ code: 0, err: "", out: expect.stringContaining("Clean") });
    expect(wrong.err).toContain("SKN-");
    expect(wrong.err).not.toContain("SKN-8003");
  });

  test("acts for the agent that the environment names", async () => {
    const env = { SKEIN_EXTERNAL_ID: "claude:ada" };

    const taken = await skein("lease take src/a.ts", { env });

    expect(taken.code).toBe(0);
    const { sessions, store } = stand.repository.project.skein;
    const living = await store.read((reader) => sessions.list(reader, "living"));
    expect(living.map(({ externalId }) => externalId)).toEqual(["claude:ada"]);
    expect((await skein("lease release", { env })).out).toContain("Released L");
  });

  test("follows the log over the server's stream, from where it is told and until it is stopped", async () => {
    const stop = new AbortController();
    const lines: string[] = [];
    const following = skein("events --follow --json --since 0 --kind lease", {
      signal: stop.signal,
      onWrite: (text) => {
        lines.push(text);
        if (lines.length === 2) {
          stop.abort();
        }
      },
    });
    await stand.repository.claim("codex:grace", ["src/a.ts"]);
    await stand.repository.claim("codex:grace", ["src/b.ts"]);

    expect((await following).code).toBe(130);
    const [first] = lines;
    const { out } = await skein("events --json --kind lease --limit 1", { isThere: true });
    expect(JSON.parse(first ?? "")).toMatchObject(JSON.parse(out).events[0]);
    expect((await skein("events --follow --limit 1")).out).toMatch(/^ +1 {2}\d{4}-/u);
  });

  test("says once that it waits for a server that is away, instead of nothing", async () => {
    const stop = new AbortController();
    const { code, out, err } = await skein("events --follow", {
      env: { SKEIN_URL: "http://127.0.0.1:9" },
      signal: stop.signal,
      onWrite: () => {
        stop.abort();
      },
    });

    expect([code, out]).toEqual([130, ""]);
    expect(err).toMatch(/^skein: SKN-7921 .* Waiting for it; Ctrl-C ends\.\n$/u);
  });

  test("shows the board again and again", async () => {
    const { code, out } = await skein("top --count 1 --json");

    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ schema_version: 1, sessions: [] });
  });

  test.each([
    "integrate",
    "task verify T1",
    "rules explain",
    "github sync",
    "review --verify true",
  ])("says that `%s` cannot run through a server, and does nothing", async (words) => {
    const { code, err } = await skein(words);

    expect([code, err]).toEqual([2, expect.stringContaining("SKN-1922")]);
    expect(existsSync(join(clone.root, ".git/skein/skein.db"))).toBe(false);
  });

  test("integrates from a clone of the server when its database is named", async () => {
    const words = "integrate --db postgres://nobody@127.0.0.1:9/none --project shop";
    const { code, err } = await skein(words);

    expect([code, err]).toEqual([8, expect.stringContaining("SKN-7116")]);
  });

  test("runs here what asks no ledger", async () => {
    const away = { SKEIN_URL: "http://127.0.0.1:9" };

    expect((await skein("explain SKN-4401", { env: away })).code).toBe(0);
    expect((await skein("completion bash", { env: away })).code).toBe(0);
  });

  test("tells what is wrong with the server: away, token, address", async () => {
    const away = await skein("status --url http://127.0.0.1:9");
    const token = await skein("status --json", { env: { SKEIN_TOKEN: "wrong" } });
    const secret = await skein("status --url https://ada:hunter2@skein.example.com");

    expect([away.code, away.err]).toEqual([8, expect.stringContaining("SKN-7921")]);
    expect(token.code).toBe(4);
    expect(JSON.parse(token.err)).toMatchObject({ error: { code: "SKN-3931" } });
    expect([secret.code, secret.err]).toEqual([2, expect.stringContaining("SKN-1921")]);
    expect(secret.err).not.toContain("hunter2");
  });
});

function note(): string {
  return join(clone.root, ".git/skein/server.json");
}

/** What the doctor says of each thing that it looked at. */
function levels({ out }: Outcome): Readonly<Record<string, string>> {
  const { findings }: { findings: readonly { id: string; level: string }[] } = JSON.parse(out);
  return Object.fromEntries(findings.map(({ id, level }) => [id, level]));
}

describe("setting a clone up for a server", () => {
  const plain = { SKEIN_URL: "" };
  const own = "init --yes --agents none";

  test("notes the server and where its token is, after it took the token", async () => {
    const done = await skein(`${own} --url ${stand.url}`, { env: plain });

    expect([done.code, done.err]).toEqual([0, expect.stringContaining("The server answers in")]);
    expect(JSON.parse(readFileSync(note(), "utf8"))).toEqual({
      url: stand.url,
      token: "env:SKEIN_TOKEN",
    });
    expect(readFileSync(note(), "utf8")).not.toContain(stand.token);
    expect(statSync(note()).mode & 0o777).toBe(0o600);
    expect(existsSync(join(clone.root, ".git/skein/skein.db"))).toBe(false);
    expect((await skein("plan list", { env: plain })).code).toBe(0);
  }, 60_000);

  test("forgets the server with --remove: no command asks it afterwards", async () => {
    await skein(`${own} --url ${stand.url}`, { env: plain });

    const removed = await skein("init --remove --yes", { env: plain });
    const status = await skein("status", { env: plain });

    expect([removed.code, removed.err]).toEqual([0, expect.any(String)]);
    expect(existsSync(note())).toBe(false);
    expect([status.code, status.err]).toEqual([6, expect.stringContaining("SKN-5002")]);
    expect(status.err).not.toContain(stand.url);
  }, 60_000);

  test("notes nothing where the server does not take the token or is away", async () => {
    const refused = await skein(`${own} --url ${stand.url}`, { env: { SKEIN_TOKEN: "wrong" } });
    const away = await skein(`${own} --url http://127.0.0.1:9`);

    expect([refused.code, refused.err]).toEqual([4, expect.stringContaining("SKN-3931")]);
    expect([away.code, away.err]).toEqual([8, expect.stringContaining("SKN-7921")]);
    expect(existsSync(note())).toBe(false);
  });

  test("asks before it follows what skein.yml proposes; no command follows it unasked", async () => {
    clone.write("skein.yml", `server: { url: "${stand.url}", token: env:SKEIN_TOKEN }\n`);

    const unasked = await skein("plan list", { env: plain });
    const declined = await skein("init --agents none", { env: plain, answers: ["n"] });

    expect([unasked.code, unasked.err]).toEqual([9, expect.stringContaining("SKN-8921")]);
    expect(declined.out).toContain(`The ledger is ${stand.url}.`);
    expect(declined.out).toContain("It is sent what `env:SKEIN_TOKEN` gives, as a token.");
    expect(existsSync(join(clone.root, ".git/skein"))).toBe(false);
  });

  test("shows the program that skein.yml names for a token, and starts it for nobody who declines", async () => {
    const trace = join(clone.root, "started");
    clone.write("skein.yml", `server: { url: "${stand.url}", token: "cmd:touch ${trace}" }\n`);
    const env = { ...plain, SKEIN_TOKEN: "" };

    const declined = await skein("init --agents none", { env, answers: ["n"] });

    expect(declined.out).toContain(`It is sent what \`cmd:touch ${trace}\` gives, as a token.`);
    expect(existsSync(trace)).toBe(false);
  });

  test("the doctor tells what the server says of itself, and of the token", async () => {
    const well = await skein("doctor --json");
    const poor = await skein("doctor --json", { env: { SKEIN_TOKEN: "wrong" } });
    const away = await skein("doctor --json", { env: { SKEIN_URL: "http://127.0.0.1:9" } });

    expect(levels(well)).toMatchObject({
      server: "ok",
      "server-token": "ok",
      "server-clock": "ok",
      "server-models": "note",
    });
    expect(well.out).toContain("The server has no models that it may ask (SKN-2753).");
    expect(levels(well)).not.toHaveProperty("store-missing");
    expect(levels(poor)).toMatchObject({ server: "ok", "server-token": "fail" });
    expect(levels(away)).toMatchObject({ server: "fail" });
  }, 60_000);

  test("the doctor's next step keeps the server that a flag or variable names", async () => {
    const { out } = await skein("doctor --json");
    const { findings }: { findings: readonly { id: string; fix: string }[] } = JSON.parse(out);
    const missing = findings.filter(({ id }) => id === "git-hook-missing");

    expect(missing.length).toBeGreaterThan(0);
    expect(new Set(missing.map(({ fix }) => fix))).toEqual(
      new Set([`skein init --url ${stand.url} --yes`]),
    );
  }, 60_000);

  test.each(["db status", "db migrate", "project list"])(
    "`skein %s` says that it needs the database, which the server has",
    async (words) => {
      const { code, err } = await skein(words);

      expect([code, err]).toEqual([2, expect.stringContaining("SKN-1922")]);
    },
  );
});
