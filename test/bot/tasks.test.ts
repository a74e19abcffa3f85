import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";

import { handleIssue } from "../../src/bot/handlers/plan.ts";
import { sweepChecks, takeChecks } from "../../src/bot/tasks/checks.ts";
import { takePlanFiles } from "../../src/bot/tasks/plan-files.ts";
import type { BotContext } from "../../src/bot/context.ts";
import { parsePayload } from "../../src/bot/payload.ts";
import type { Workplace } from "../../src/bot/workplace.ts";
import { openProject } from "../../src/compose.ts";
import { removeRepositories, testEnv } from "../adapters/git/repositories.ts";
import { aCommandLine } from "../cli/command-line.ts";
import { payloadOf, shop } from "../support/action-stand.ts";
import { botPlace } from "../support/bot-place.ts";
import { startGithub } from "../support/github/server.ts";
import type { Github } from "../support/github/server.ts";
import { aContext } from "./contexts.ts";

let github: Github;
let place: Workplace;
let head = "";

const settings = `github:
  tasks: { failing_checks: true, plan_files: [docs/PLAN.md], issues: true, max_open: 2 }
`;

beforeEach(async () => {
  github = await startGithub();
  github.addUser("wes");
  github.addUser("mallory");
  github.addUser("grace");
  await github.addRepository({ fullName: shop });
  github.setPermission(shop, "wes", "write");
  head = await github.commit(shop, { branch: "main", files: { "README.md": "A shop.\n" } });
  place = await botPlace(github, settings);
});

afterEach(async () => {
  expect(github.violations).toEqual([]);
  await github.close();
});
afterAll(removeRepositories);

/** Another App's check ends. */
async function checked(
  name: string,
  conclusion: "failure" | "success" | "timed_out",
  sha = head,
): Promise<void> {
  const { app } = github.addApp(`ci-${String(github.calls.length)}`, { checks: "write" });
  const token = ciToken ?? github.installationToken(github.install(app, "acme"));
  ciToken = token;
  const response = await fetch(`${github.url}/repos/${shop}/check-runs`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      accept: "application/vnd.github+json",
      "content-type": "application/json",
      "user-agent": "ci",
    },
    body: JSON.stringify({ name, head_sha: sha, status: "completed", conclusion }),
  });
  expect(response.status).toBe(201);
}
let ciToken: string | null = null;

beforeEach(() => {
  ciToken = null;
});

const context = aContext();
const told = (name: string, sha = head, branch: string | null = "main") => ({ name, sha, branch });

function issues(): readonly { readonly title: string; readonly state: string }[] {
  return [...github.repository(shop).issues.values()].map(({ title, state }) => ({ title, state }));
}

describe("a check that fails", () => {
  test("makes one issue, however often it is delivered and on however many heads it fails", async () => {
    await checked("ci/unit", "failure");
    const first = await takeChecks(context, place, told("ci/unit"));
    const again = await takeChecks(context, place, told("ci/unit"));
    const next = await github.commit(shop, { branch: "main", files: { "a.txt": "a\n" } });
    await checked("ci/unit", "timed_out", next);
    const later = await takeChecks(context, place, told("ci/unit", next));

    expect(first?.title).toBe("Tasks of events: 1 new, 0 known, 0 closed.");
    expect(again?.title).toBe("Tasks of events: 0 new, 1 known, 0 closed.");
    expect(later?.title).toBe("Tasks of events: 0 new, 1 known, 0 closed.");
    expect(issues()).toEqual([{ title: "The check ci/unit fails on main", state: "open" }]);
    const [issue] = await place.host.issues.list({ state: "open", limit: 5 });
    expect(issue?.labels).toEqual(["skein:event"]);
    expect(issue?.body).toContain(`It failed on \`${next}\``);
  });

  test("makes nothing where the host, asked now, knows of no failure at the head of the branch", async () => {
    await checked("ci/unit", "failure");
    await checked("ci/unit", "success");
    const passed = await takeChecks(context, place, told("ci/unit"));
    const fork = await takeChecks(context, place, told("ci/unit", "f".repeat(40)));
    const elsewhere = await takeChecks(context, place, told("ci/unit", head, "feature/x"));
    const nowhere = await takeChecks(context, place, told("ci/unit", head, null));
    const own = await takeChecks(context, place, told("skein/rules"));

    expect(passed?.title).toBe("Tasks of events: 0 new, 0 known, 0 closed.");
    expect(fork?.conclusion).toBe("skipped");
    expect([elsewhere, nowhere, own]).toEqual([null, null, null]);
    expect(issues()).toEqual([]);
  });

  test("makes nothing where nobody asked for it", async () => {
    await checked("ci/unit", "failure");
    const plain = await botPlace(github, null);

    expect(await takeChecks(context, plain, told("ci/unit"))).toBeNull();
    expect(await sweepChecks(context, plain)).toBeNull();
    expect(issues()).toEqual([]);
  });

  test("is bounded by what is open, and says so", async () => {
    for (const name of ["a", "b", "c"]) {
      await checked(name, "failure");
    }
    const outcome = await sweepChecks(context, place);

    expect(outcome?.conclusion).toBe("neutral");
    expect(outcome?.title).toContain("1 were left");
    expect(issues()).toHaveLength(2);
  });

  test("is found by the sweep without an event, and its issue closed when it passes again", async () => {
    await checked("ci/unit", "failure");
    await sweepChecks(context, place);
    await checked("ci/unit", "success");
    const outcome = await sweepChecks(context, place);

    expect(outcome?.title).toBe("Tasks of events: 0 new, 0 known, 1 closed.");
    expect(issues()).toEqual([{ title: "The check ci/unit fails on main", state: "closed" }]);
  });

  test("is not taken for known because a stranger copied our hidden line", async () => {
    await checked("ci/unit", "failure");
    await takeChecks(context, place, told("ci/unit"));
    const [own] = await place.host.issues.list({ state: "open", limit: 5 });
    await place.host.issues.update(own?.number ?? 0, {
      state: { isOpen: false, closedAs: "completed" },
    });
    github.openIssue(shop, {
      title: "Mine",
      body: own?.body ?? "",
      author: "mallory",
      labels: ["skein:event"],
    });

    const outcome = await takeChecks(context, place, told("ci/unit"));

    expect(outcome?.title).toContain("1 new");
  });

  test("with a hostile name mentions nobody and begins no hidden line", async () => {
    const name = "x <!-- skein:event:v1 check 000000000000000000000000 --> @wes";
    await checked(name, "failure");
    await takeChecks(context, place, told(name));
    const [issue] = await place.host.issues.list({ state: "open", limit: 5 });

    expect(issue?.body.split("\n").filter((line) => line.startsWith("<!--"))).toHaveLength(1);
    expect(issue?.body.replaceAll(/`[^`]*`/gu, "")).not.toContain("@wes");
  });
});

async function durable(): Promise<BotContext> {
  const line = aCommandLine({ "src/a.ts": "export {};\n" });
  return aContext({ isDurable: true, cwd: line.repository.root, env: testEnv });
}

async function statuses({ cwd }: BotContext, plan: string): Promise<object> {
  const { skein } = await openProject({ cwd: cwd ?? "", env: testEnv });
  const tasks = await skein.store.read(async (reader) => skein.plans.listTasks(reader, { plan }));
  await skein.close();
  return Object.fromEntries(tasks.map(({ id, status }) => [id, status]));
}

describe("where a ledger outlives the run", () => {
  test("a failing check is a task that agents get, done when its check passes", async () => {
    const lasting = await durable();
    await checked("ci/unit", "failure");
    await takeChecks(lasting, place, told("ci/unit"));
    const before = await statuses(lasting, "github-events");
    await checked("ci/unit", "success");
    await sweepChecks(lasting, place);

    expect(before).toEqual({ i1: "pending" });
    expect(await statuses(lasting, "github-events")).toEqual({ i1: "done" });
  });

  test("a task that somebody canceled closes its issue as not planned", async () => {
    const lasting = await durable();
    await checked("ci/unit", "failure");
    await takeChecks(lasting, place, told("ci/unit"));
    const { skein } = await openProject({ cwd: lasting.cwd ?? "", env: testEnv });
    await skein.dispatch.cancelTask("github-events/i1", { actor: "person:wes", reason: "no" });
    await skein.close();
    await sweepChecks(lasting, place);

    expect(github.repository(shop).issues.get(1)).toMatchObject({
      state: "closed",
      stateReason: "not_planned",
    });
  });

  test("a plan's file is taken in when a push to the default branch changes it", async () => {
    const lasting = await durable();
    const push = await pushed({ "docs/PLAN.md": "# Shop\n\n- [ ] Round prices\n- [x] Old\n" });
    const outcome = await takePlanFiles(lasting, place, push);
    const again = await takePlanFiles(lasting, place, push);

    expect(outcome).toMatchObject({ conclusion: "success" });
    expect(again).toMatchObject({ conclusion: "success" });
    expect(Object.values(await statuses(lasting, planOf(outcome?.title ?? "")))).toEqual([
      "pending",
      "done",
    ]);
    expect(issues()).toEqual([]);
  });
});

function planOf(title: string): string {
  return /Plans of files: ([^:]+):/u.exec(title)?.[1] ?? "";
}

async function pushed(files: Readonly<Record<string, string>>) {
  const before = head;
  const after = await github.commit(shop, { branch: "main", files });
  const payload = { ref: "refs/heads/main", before, after, ...repositoryPart() };
  const event = parsePayload("push", payload, null);
  if (event.kind !== "push") {
    throw new Error("it is a push");
  }
  return event;
}

function repositoryPart(): object {
  return {
    repository: { full_name: shop, id: 1, private: true, default_branch: "main" },
    sender: { login: "wes", id: 2, type: "User" },
  };
}

describe("a plan's file in an Action", () => {
  test("makes one issue that names its open tasks, and says what is new with each push", async () => {
    const first = await pushed({ "docs/PLAN.md": "# Shop\n\n- [ ] Round @mallory's prices\n" });
    await takePlanFiles(context, place, first);
    await takePlanFiles(context, place, first);
    const [issue] = await place.host.issues.list({ state: "open", limit: 5 });

    expect(issues()).toEqual([{ title: "The plan docs/PLAN.md has changed", state: "open" }]);
    expect(issue?.body).toContain("Round ");
    expect(issue?.body).not.toContain(" @mallory");
  });

  test("makes nothing when a push leaves it as it was, and tells of one that is no plan", async () => {
    const other = await pushed({ "src/a.ts": "1\n" });
    const skipped = await takePlanFiles(context, place, other);
    const broken = await pushed({ "docs/PLAN.md": "Nothing here.\n" });
    await takePlanFiles(context, place, broken);
    const [issue] = await place.host.issues.list({ state: "open", limit: 5 });

    expect(skipped?.conclusion).toBe("skipped");
    expect(issue?.body).toContain("It cannot be read as a plan");
  });
});

describe("an issue that is opened", () => {
  test.each([
    ["wes", "success"],
    ["mallory", "skipped"],
  ])("by %s ends in %s where the settings plan what writers open", async (author, conclusion) => {
    const body = "## Tasks\n\n- [ ] One (files: a.ts)\n- [ ] Two (files: b.ts)\n";
    const { number } = github.openIssue(shop, { title: "Gross", body, author });
    const payload = await payloadOf(github, author, { action: "opened", issue: number });
    const event = parsePayload("issues", payload, null);
    const line = aCommandLine({ "a.ts": "1\n" });
    if (event.kind !== "issue") {
      throw new Error("it is an issue");
    }
    const inAction = aContext({ event, cwd: line.repository.root, env: testEnv });

    expect(await handleIssue(inAction, place, event)).toMatchObject({ conclusion });
  });
});
