import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { openProject } from "../../src/compose.ts";
import type { OpenProject } from "../../src/compose.ts";
import { removeRepositories, testEnv } from "../adapters/git/repositories.ts";
import { ada } from "./ada.ts";
import { aCommandLine, twoTasks } from "./command-line.ts";
import type { CommandLine } from "./command-line.ts";

const opened: OpenProject[] = [];

afterEach(async () => {
  for (const { skein } of opened.splice(0)) {
    await skein.close();
  }
  removeRepositories();
});

async function withPlan(text = twoTasks): Promise<CommandLine> {
  const line = aCommandLine({ "plan.yml": text });
  await line.skein("plan import plan.yml");
  return line;
}

/** Another process's view of the same project. */
async function opening({ repository }: CommandLine): Promise<OpenProject> {
  const project = await openProject({ cwd: repository.root, env: testEnv });
  opened.push(project);
  return project;
}

async function claimed(line: CommandLine): Promise<OpenProject> {
  const project = await opening(line);
  await project.skein.dispatch.nextTask({
    caller: ada,
    plan: null,
    task: null,
    waitMs: 0,
    key: null,
    signal: null,
  });
  return project;
}

const asAda = { CLAUDE_CODE_SESSION_ID: "ada" };

describe("plan import", () => {
  test("reads YAML, JSON and Markdown from standard input and tells them apart", async () => {
    const line = aCommandLine();
    const inputs = [
      twoTasks,
      '{"plan": "json", "title": "J", "tasks": [{"id": "T1", "title": "One"}]}',
      "---\nplan: marks\n---\n\n# Marks\n\n- [ ] One\n",
    ];

    for (const input of inputs) {
      expect((await line.skein("plan import -", { input })).code).toBe(0);
    }

    const { plans } = await line.json("plan list");
    expect(plans).toMatchObject([{ id: "demo" }, { id: "json" }, { id: "marks" }]);
  });

  test("says with --dry-run what would happen and writes nothing", async () => {
    const line = await withPlan();

    const { out } = await line.skein("plan import - --dry-run", {
      input: twoTasks.replace("title: Second", "title: Third"),
    });

    expect(out).toContain("1 updated, 1 unchanged");
    expect(await line.json("task show T2")).toMatchObject({ task: { title: "Second" } });
  });
});

describe("what an agent and a person may do", () => {
  test("a person holds paths under a session of their own, and an agent is refused", async () => {
    const line = await withPlan();
    await claimed(line);

    const taken = await line.skein("lease take README.md --minutes 10");
    const refused = await line.skein("lease take README.md", { env: asAda });
    const check = await line.skein("lease check README.md src/x.ts", { env: asAda });

    expect(taken.code).toBe(0);
    expect(refused.code).toBe(5);
    expect(refused.err).toMatch(/^SKN-4001 README\.md is held by /u);
    expect(check.code).toBe(5);
    expect(check.out).toContain("src/x.ts is yours");
  });

  test("a forced release needs a reason, then a yes, and is in the log", async () => {
    const line = await withPlan();
    await line.skein("lease take README.md", { env: asAda });
    const { leases } = await line.json("lease list");
    expect(leases).toMatchObject([{ id: "L1" }]);
    const id = "L1";

    expect((await line.skein(`lease release ${id}`)).err).toContain("--force");
    expect((await line.skein(`lease release ${id} --force`)).err).toContain("SKN-1011");
    expect((await line.skein(`lease release ${id} --force --reason gone`)).err).toContain(
      "SKN-1007",
    );
    expect((await line.skein(`lease release ${id} --force --reason gone --yes`)).code).toBe(0);
    expect((await line.skein("events --kind lease")).out).toContain("gone");
  });

  test("an agent that may not force a release is told whom to ask", async () => {
    const line = await withPlan();
    await line.skein("lease take README.md", { env: asAda });

    const agent = await line.skein("lease release L1", { env: { CLAUDE_CODE_SESSION_ID: "bob" } });
    const person = await line.skein("lease release L1");

    expect(agent.err).toContain(
      "or a person to run `skein lease release L1 --force --reason TEXT`",
    );
    expect(agent.err).not.toContain("Add `--force");
    expect(person.err).toContain("Add `--force");
  });

  test("an agent does not take a task from another", async () => {
    const line = await withPlan();
    await claimed(line);
    await line.skein("lease take README.md", { env: { CLAUDE_CODE_SESSION_ID: "bob" } });

    const { code, err } = await line.skein("task release T1 --reason mine --yes", {
      env: { CLAUDE_CODE_SESSION_ID: "bob" },
    });

    expect([code, err.slice(0, 8)]).toEqual([4, "SKN-3801"]);
  });

  test("a revoked session's task is queued again", async () => {
    const line = await withPlan();
    await claimed(line);

    expect((await line.skein("session revoke ada --reason stuck --yes")).code).toBe(0);

    expect(await line.json("task show T1")).toMatchObject({
      task: { status: "pending", session: null },
      attempts: [{ number: 1 }],
    });
  });
});

describe("asking before something is taken away", () => {
  test("takes a yes and a no from a terminal", async () => {
    const line = await withPlan();

    const no = await line.skein("plan cancel demo", { answers: ["n"] });
    const yes = await line.skein("plan cancel demo", { answers: ["y"] });

    expect([no.code, no.err.slice(0, 8)]).toEqual([9, "SKN-8001"]);
    expect([yes.code, yes.out]).toEqual([0, "Plan demo is canceled with 2 tasks.\n"]);
  });

  test("asks nobody with --no-input or in CI", async () => {
    const line = await withPlan();

    for (const world of [{ answers: ["y"], env: { CI: "1" } }, { answers: ["y"] }]) {
      const words = "env" in world ? "plan cancel demo" : "plan cancel demo --no-input";

      expect((await line.skein(words, world)).err).toContain("SKN-1007");
    }
  });
});

describe("the status", () => {
  test("puts what wants a person first", async () => {
    const line = await withPlan();
    const { skein } = await claimed(line);
    const session = await skein.dispatch.find(ada);
    await skein.store.write((tx) =>
      skein.approvals.ask(tx, {
        session: session?.id ?? "s1",
        plan: null,
        task: null,
        question: "Delete the table?",
        options: ["yes", "no", "$(rm x) it's"],
        deadlineInMs: null,
      }),
    );

    const { out } = await line.skein("status");
    const hint = (await line.skein("approve")).out;

    expect(out.indexOf("Delete the table?")).toBeGreaterThan(0);
    expect(out.indexOf("Delete the table?")).toBeLessThan(out.indexOf("Sessions"));
    expect(out).toContain("ada");
    // A line to be run as it stands: no word of an agent is read by the shell.
    expect(hint.trimEnd().split("\n").at(-1)).toBe(
      String.raw`    skein approve A1 --answer '$(rm x) it'\''s'`,
    );
    expect((await line.skein("approve A1 --answer maybe")).code).toBe(2);
    expect((await line.skein("approve A1 --answer yes")).out).toContain("answered");
    const late = await line.skein("approve A1 --answer no");
    expect([late.code, late.err]).toEqual([
      6,
      expect.stringContaining('answered already, with "yes".'),
    ]);
  });
});

describe("events", () => {
  test("follows the log as NDJSON until it is stopped, without a gap", async () => {
    const line = await withPlan();
    const stop = new AbortController();
    let text = "";

    const following = line.skein("events --follow --json", {
      signal: stop.signal,
      onWrite: (part) => {
        text += part;
        if (text.includes("plan.paused")) {
          stop.abort();
        }
      },
    });
    await line.skein("plan pause demo");
    const { code } = await following;

    const records = text
      .trim()
      .split("\n")
      .map((each): Readonly<Record<string, unknown>> => JSON.parse(each));
    expect(code).toBe(130);
    expect(records.map(({ seq }) => seq)).toEqual(records.map((_, at) => at + 1));
    expect(Object.keys(records[0] ?? {})).toEqual(
      expect.arrayContaining(["schema_version", "seq", "at", "kind", "actor", "cause", "hash"]),
    );
  });

  test.each(["", " --follow"])("refuses a place behind the end of the log%s", async (more) => {
    const line = await withPlan();
    const { next_since: end } = await line.json("events");
    const last = Number(end);

    const { code, err } = await line.skein(`events --since ${String(last + 1)}${more}`);

    expect([code, err]).toEqual([6, expect.stringContaining("SKN-5202")]);
    expect(err).toContain(`The newest event is ${String(last)}; asked for those after`);
  });

  test("rebuilds the state as it was at an event", async () => {
    const line = await withPlan();
    const { next_since: before } = await line.json("events");
    await line.skein("plan pause demo");

    const past = await line.json(`events --at ${String(before)}`);
    const now = await line.json("events --at 3");

    expect(past).toMatchObject({ state: { plan: { demo: { status: "active" } } } });
    expect(now).toMatchObject({ state: { plan: { demo: { status: "paused" } } } });
  });
});

describe("integrate", () => {
  test("lands a submitted commit, and sends one that conflicts back with 5", async () => {
    const line = await withPlan(twoTasks.replace("verify: none", "verify: merge"));
    const { repository } = line;
    const good = repository.commitOn("work", { "src/a.ts": "1\n" });
    await submitted(line, good);

    const landed = await line.skein("integrate");
    const again = await line.skein("integrate");

    expect([landed.code, landed.err]).toEqual([0, ""]);
    expect(landed.out).toMatch(/^demo\/T1 landed as [0-9a-f]{12}\.$/mu);
    expect(again.out).toBe("No submitted work.\n");
    expect((await line.skein("task verify T1")).out).toBe("demo/T1 is done.\n");

    const clash = repository.commitOn("clash", { "docs/b.md": "mine\n" }, good);
    repository.write({ "docs/b.md": "theirs\n" });
    repository.git("add", "docs/b.md");
    repository.git("commit", "-q", "-m", "theirs");
    await submitted(line, clash);
    const conflict = await line.skein("integrate --json");

    expect(conflict.code).toBe(5);
    expect(JSON.parse(conflict.out)).toMatchObject({
      landings: [{ task: "demo/T2", result: "conflict", files: ["docs/b.md"] }],
    });
  });
});

/** Ada takes the next task and hands in a commit for it. */
async function submitted(line: CommandLine, commit: string): Promise<void> {
  const { skein } = await opening(line);
  const { claim } = await skein.dispatch.nextTask({
    caller: ada,
    plan: null,
    task: null,
    waitMs: 0,
    key: null,
    signal: null,
  });
  await skein.dispatch.finishTask({
    caller: ada,
    task: claim?.task.id ?? "",
    fence: claim?.fence ?? 0,
    outcome: "submitted",
    summary: "done",
    cause: null,
    commit,
    usage: [],
    claimNext: false,
    key: null,
  });
}

describe("export and import", () => {
  test("move the whole state into another repository, where it verifies", async () => {
    const line = await withPlan();
    await claimed(line);
    const file = join(line.repository.root, "state.json");
    await line.skein("export state.json");

    const other = aCommandLine();
    const restored = await other.skein(["import", file]);
    const again = await other.skein(["import", file]);

    expect(restored.code, restored.err).toBe(0);
    expect([again.code, again.err.slice(0, 8)]).toEqual([5, "SKN-4821"]);
    expect((await other.skein("verify")).code).toBe(0);
    expect(await other.json("task list")).toMatchObject({
      tasks: [{ id: "T1", status: "claimed" }, { id: "T2" }],
    });
  });

  test("verify ends with 1 and names a changed event", async () => {
    const line = await withPlan();
    const { skein } = await opening(line);
    await skein.store.write((tx) =>
      tx.run("UPDATE events SET kind = 'plan.forged' WHERE project = ? AND seq = 1", [tx.project]),
    );
    await skein.store.write((tx) =>
      tx.run("UPDATE events SET text = replace(text, 'demo', 'fake') WHERE project = ?", [
        tx.project,
      ]),
    );

    const { code, out } = await line.skein("verify");

    expect(code).toBe(1);
    expect(out).toContain("invariant 9");
    expect(out).toMatch(/\n {2}Next: .*restore a backup/u);
  });
});

describe("what people and programs see", () => {
  test.each([
    ["status", {}, false],
    ["status", { FORCE_COLOR: "1" }, true],
    ["status --no-color", { FORCE_COLOR: "1" }, false],
    ["status", { FORCE_COLOR: "1", NO_COLOR: "1" }, false],
    ["status", { FORCE_COLOR: "0" }, false],
  ])("`skein %s` with %o has colours: %s", async (words, env, hasColor) => {
    const line = await withPlan();
    await line.skein("plan pause demo");

    expect((await line.skein(words, { env })).out.includes("\u{1b}[")).toBe(hasColor);
  });

  test("a stack is shown with --debug alone", async () => {
    const line = await withPlan();

    expect((await line.skein("plan show nope")).err).not.toContain("    at ");
    expect((await line.skein("plan show nope --debug")).err).toContain("    at ");
  });

  test("a shell is offered commands, options, words and live task ids", async () => {
    const line = await withPlan();
    const offer = async (words: readonly string[]): Promise<readonly string[]> =>
      (await line.skein(["complete", ...words])).out.trim().split("\n");

    expect(await offer(["pl"])).toEqual(["plan"]);
    expect(await offer(["plan", "im"])).toEqual(["import"]);
    expect(await offer(["task", "why", ""])).toEqual(["T1", "demo/T1", "T2", "demo/T2"]);
    expect(await offer(["task", "list", "--plan", ""])).toEqual(["demo"]);
    expect(await offer(["task", "list", "--st"])).toEqual(["--status"]);
    expect(await offer(["task", "list", "--status", "cl"])).toEqual(["claimed"]);
  });

  test("a backup opens as a store of its own", async () => {
    const line = await withPlan();

    expect((await line.skein("maintain --backup copy.db --vacuum")).code).toBe(0);

    const copy = join(line.repository.root, "copy.db");
    expect(existsSync(copy)).toBe(true);
    expect(readFileSync(copy).subarray(0, 15).toString()).toBe("SQLite format 3");
    expect((await line.skein("maintain --backup copy.db")).code).toBe(2);
  });
});

function planOf(check: string): string {
  return twoTasks.replace("none", `check:${check}`);
}

describe("what is said of things that are not there", () => {
  test("events --at beyond the last event is an error that names the last", async () => {
    const line = await withPlan();

    const { code, err } = await line.skein("events --at 9999");

    expect(code).toBe(6);
    expect(err).toContain("SKN-5009");
    expect(err).toMatch(/the last one is \d+/u);
    expect((await line.skein("events --at 1")).code).toBe(0);
  });

  test("a backup onto a file that exists is a usage error and leaves the file", async () => {
    const line = await withPlan();

    const { code, err } = await line.skein("maintain --backup plan.yml");

    expect(code).toBe(2);
    expect(err).toContain("SKN-1102");
    expect(readFileSync(join(line.repository.root, "plan.yml"), "utf8")).toBe(twoTasks);
  });

  test("a plan's check that skein.yml does not have is warned of, and one that it has is not", async () => {
    const line = aCommandLine({ "skein.yml": "checks:\n  unit:\n    run: npm test\n" });

    const unknown = await line.skein("plan import - --format yaml", { input: planOf("units") });
    const known = await line.skein("plan import - --format yaml", { input: planOf("unit") });

    expect([unknown.code, known.code]).toEqual([0, 0]);
    expect(unknown.out).toContain("Warning: No check units stands in skein.yml");
    expect(unknown.out).toContain("unit");
    expect(known.out).not.toContain("Warning");
  });

  test("the board tells times to the minute", async () => {
    const line = await withPlan(
      twoTasks
        .replace('files: ["docs/**"]', 'files: ["src/**"]')
        .replace("depends_on: [T1]", "priority: low"),
    );
    await claimed(line);

    const { out } = await line.skein("status");

    expect(out).toMatch(/demo\/T2: .* until (?:\d{4}-\d\d-\d\d )?\d\d:\d\d UTC/u);
    expect(out).not.toMatch(/\d{4}-\d\d-\d\dT/u);
  });
});

describe("a machine that is nearly full", () => {
  test("hands out nothing new, gives what is held again and lets it be finished", async () => {
    const line = await withPlan();
    const project = await claimed(line);
    const full = await openProject({
      cwd: line.repository.root,
      env: { ...testEnv, SKEIN_MIN_FREE_DISK_MB: "999999999" },
    });
    opened.push(full);
    const asked = { plan: null, task: null, waitMs: 0, key: null, signal: null };
    const bob = { ...ada, externalId: "claude:bob", name: "bob" };

    const again = await full.skein.dispatch.nextTask({ caller: ada, ...asked });
    const refused = full.skein.dispatch.nextTask({ caller: bob, ...asked });

    await expect(refused).rejects.toMatchObject({ code: "SKN-7801", retryAfterMs: 30_000 });
    expect(again.claim?.task.id).toBe("T1");
    const finished = await full.skein.dispatch.finishTask({
      caller: ada,
      task: "T1",
      fence: again.claim?.fence ?? 0,
      outcome: "submitted",
      summary: "done",
      cause: null,
      commit: null,
      usage: [],
      claimNext: true,
      key: null,
    });
    expect(finished.next).toBeNull();
    const after = await project.skein.dispatch.nextTask({ caller: ada, ...asked });
    expect(after.claim?.task.id).toBe("T2");
  });
});
