import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { actions } from "../../src/core/access/index.ts";
import { createCommandRunner } from "../../src/cli/serve/command-runner.ts";
import { createHttpStand } from "../support/http-stand.ts";
import type { HttpAnswer, HttpStand } from "../support/http-stand.ts";

const planText =
  "plan: shop\ntitle: A shop\ntasks:\n  - id: T1\n    title: Prices\n    files: [src/a.ts]\n";

let stand: HttpStand;

beforeAll(async () => {
  stand = await createHttpStand({ commands: createCommandRunner() });
});

afterAll(async () => {
  await stand.close();
});

async function run(body: Readonly<Record<string, unknown>>): Promise<HttpAnswer> {
  return stand.ask("api/v1/commands", { method: "POST", body });
}

describe("POST api/v1/commands", () => {
  test("imports a plan from its text, shows it and pauses it, as the command line does", async () => {
    const imported = await run({ command: ["plan", "import"], arguments: ["-"], input: planText });
    const shown = await run({ command: ["plan", "show"], arguments: ["shop"], json: true });
    const paused = await run({
      command: ["plan", "pause"],
      arguments: ["shop"],
      options: { reason: "lunch" },
    });
    const events = await stand.repository.project.skein.store.read((reader) =>
      stand.repository.project.skein.events.after(reader, 0, 100),
    );

    expect(imported.body).toMatchObject({ exit_code: 0, stderr: "" });
    expect(JSON.parse(String(shown.body["stdout"]))).toMatchObject({
      schema_version: 1,
      plan: { id: "shop" },
    });
    expect(paused.body["stdout"]).toBe("Plan shop is paused; claims that run go on.\n");
    expect(events.at(-1)).toMatchObject({ kind: "plan.paused", actor: "person:ada" });
  });

  test("lets an agent hold paths under the name that its host gave it", async () => {
    const caller = { external_id: "codex:grace" };
    const taken = await run({ command: ["lease", "take"], arguments: ["docs/"], caller });
    const mine = await run({ command: ["lease", "check"], arguments: ["docs/readme.md"], caller });
    const others = await run({ command: ["lease", "check"], arguments: ["docs/readme.md"] });

    expect(taken.body["exit_code"]).toBe(0);
    expect(mine.body["exit_code"]).toBe(0);
    expect(others.body["exit_code"]).toBe(5);
  });

  test("ends with the exit code and the words of a failure", async () => {
    const { status, body } = await run({ command: ["task", "show"], arguments: ["shop/T9"] });

    expect(status).toBe(200);
    expect(body["exit_code"]).toBe(6);
    expect(body["stderr"]).toMatch(/^SKN-\d{4} /u);
  });

  test("refuses what is more than an answer may be, and says what to do", async () => {
    const small = await createHttpStand({ commands: createCommandRunner(500) });

    const { status, body } = await small.ask("api/v1/commands", {
      method: "POST",
      body: { command: ["export"], arguments: ["-"] },
    });
    const short = await small.ask("api/v1/commands", {
      method: "POST",
      body: { command: ["plan", "list"] },
    });

    await small.close();
    expect(status).toBe(200);
    expect(body).toMatchObject({ exit_code: 2, stdout: "" });
    expect(body["stderr"]).toMatch(/^SKN-1013 .*\n.*\n.*--db/u);
    expect(short.body).toMatchObject({ exit_code: 0 });
  });

  test.each([
    ["a file of the caller", { command: ["plan", "import"], arguments: ["plan.yaml"] }],
    ["a file to write", { command: ["export"], arguments: ["state.json"] }],
    ["a backup", { command: ["maintain"], options: { backup: "/tmp/x.db" } }],
    ["a stream", { command: ["events"], options: { follow: true } }],
    ["the working tree", { command: ["integrate"] }],
    ["the machine", { command: ["doctor"] }],
  ])("refuses what needs %s", async (_, body) => {
    const answer = await run(body);

    expect(answer.body["exit_code"]).toBe(9);
    expect(answer.body["stderr"]).toContain("SKN-8003");
  });

  test.each([
    ["no words", {}],
    ["words that are none", { command: ["plan", 7] }],
    ["an option with a dash in front", { command: ["status"], options: { "--json": true } }],
    ["an option that is an object", { command: ["status"], options: { json: {} } }],
    ["an input that is no text", { command: ["status"], input: 5 }],
  ])("refuses %s before anything runs", async (_, body) => {
    const answer = await run(body);

    expect(answer.status).toBe(400);
    expect(answer.body["error"]).toMatchObject({ code: "SKN-1935" });
  });

  test("tells a command that there is not from one that a server does not run", async () => {
    const { body } = await run({ command: ["stauts"] });

    expect(body["exit_code"]).toBe(9);
    expect(body["stderr"]).toContain("SKN-8003");
    expect(body["stderr"]).toContain("There is no command 'stauts'.");
  });

  test("does not repeat the value of an option that is not known", async () => {
    const { body } = await run({
      command: ["status"],
      options: { key: "a-secret".repeat(10_000) },
    });

    expect(body["stderr"]).toContain("Unknown option '--key'.");
    expect(body["stderr"]).not.toContain("a-secret");
  });

  test.each(["db", "project", "url", "debug"])(
    "refuses --%s among a command's options, whatever its value",
    async (option) => {
      for (const value of [true, false, "x"]) {
        const command = { command: ["task", "show"], arguments: ["shop/T9"] };
        const { body } = await run({ ...command, options: { [option]: value } });

        expect(body["exit_code"]).toBe(9);
        expect(body["stderr"]).toContain("SKN-8003");
        expect(body["stderr"]).not.toContain("    at ");
      }
    },
  );

  test("takes --debug behind an option for that option's text", async () => {
    const command = { command: ["plan", "pause"], arguments: ["nowhere"] };
    const { body } = await run({ ...command, options: { reason: "--debug" } });

    expect(body["exit_code"]).toBe(6);
    expect(body["stderr"]).not.toContain("    at ");
  });

  test("takes words behind the command for arguments, and never for options", async () => {
    const answer = await run({ command: ["task", "show"], arguments: ["--help"] });

    expect(answer.body["exit_code"]).toBe(6);
  });
});

describe("createCommandRunner", () => {
  test("announces exactly the commands that the table of permissions opens", () => {
    const open = Object.entries(actions)
      .filter(([action, standing]) => /^command:[a-z ]+$/u.test(action) && standing !== "nobody")
      .map(([action]) => action.slice("command:".length));

    const announced = createCommandRunner().commands.map(({ name }) => name);

    expect(announced.toSorted()).toEqual(open.toSorted());
  });
});
