import { describe, expect, test } from "vitest";

import type { BotContext } from "../../src/bot/context.ts";
import { handleIssue } from "../../src/bot/handlers/plan.ts";
import { sweep } from "../../src/bot/handlers/schedule.ts";
import { withDecomposition } from "../../src/bot/plan/decomposing.ts";
import { withoutMarkers } from "../../src/core/hosting/index.ts";
import { parsePayload } from "../../src/bot/payload.ts";
import type { Workplace } from "../../src/bot/workplace.ts";
import { testEnv } from "../adapters/git/repositories.ts";
import { checkOut, payloadOf, shop } from "../support/action-stand.ts";
import { botPlace } from "../support/bot-place.ts";
import { startGithub } from "../support/github/server.ts";
import type { Github } from "../support/github/server.ts";
import { anEvent, aContext } from "./contexts.ts";

const settings = `github: { tasks: { failing_checks: true } }
rules: { require: [branch_name: { patterns: ["feature/*"] }] }
`;
const body = "## Tasks\n\n- [ ] One (files: a.ts)\n- [ ] Two (files: b.ts) (after: T1)\n";

/** A repository with people, and one way to run a handler in it. */
interface World {
  readonly github: Github;
  readonly place: Workplace;
  act(): Promise<unknown>;
}

async function aWorld(): Promise<Omit<World, "act">> {
  const github = await startGithub({ limits: { writesPerMinute: 1_000, writesPerHour: 10_000 } });
  github.addUser("grace");
  await github.addRepository({ fullName: shop });
  github.setPermission(shop, "grace", "write");
  await github.commit(shop, { branch: "main", files: { "README.md": "A shop.\n" } });
  return { github, place: await botPlace(github, settings) };
}

async function contextOf(github: Github, label: string, issue: number): Promise<BotContext> {
  const payload = { action: "labeled", issue, label: { name: label } };
  const event = parsePayload("issues", await payloadOf(github, "grace", payload), null);
  return aContext({ event, cwd: await checkOut(github), env: testEnv });
}

async function planning(): Promise<World> {
  const world = await aWorld();
  const { github, place } = world;
  const label = "skein:plan";
  const draft = { title: "Gross", body, author: "grace", labels: [label] };
  const { number } = github.openIssue(shop, draft);
  const context = await contextOf(github, label, number);
  return {
    ...world,
    act: async () => {
      if (context.event.kind !== "issue") {
        throw new Error("it is an issue's event");
      }
      return handleIssue(context, place, context.event);
    },
  };
}

/** A plan with a child that a writer closed, a pull request that no event told of, and a check that fails. */
async function sweeping(): Promise<World> {
  const world = await planning();
  const { github, place } = world;
  await world.act();
  const context = aContext({ event: anEvent("schedule", null) });
  const comments = await place.host.issues.comments(1);
  const hash = /approve ([0-9a-f]{40})/u.exec(comments[0]?.body ?? "")?.[1] ?? "";
  const by = { id: 0, login: "grace", kind: "person" } as const;
  await withDecomposition(context, place, async (each) => each.approve({ issue: 1, hash, by }));
  github.closeIssue(shop, 2, "completed");
  const branch = "feature/x";
  const head = await github.commit(shop, { branch, files: { "x.ts": "1\n" } });
  await github.openPull(shop, { title: "X", author: "grace", head: branch });
  const main = await place.host.files.resolve("refs/heads/main");
  await failing(github, main ?? head);
  return { ...world, act: async () => sweep(context, place) };
}

async function failing(github: Github, sha: string): Promise<void> {
  const { app } = github.addApp("ci", { checks: "write" });
  const token = github.installationToken(github.install(app, "acme"));
  await fetch(`${github.url}/repos/${shop}/check-runs`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({
      name: "unit",
      head_sha: sha,
      status: "completed",
      conclusion: "failure",
    }),
  });
}

/** What people see, but for commits, whose names have the time in them; GitHub shows the last check of each name. */
function seen({ github }: World): object {
  const { issues, comments, runs } = github.repository(shop);
  return {
    issues: [...issues.values()].map(({ number, title, state, labels }) => ({
      number,
      title,
      state,
      labels,
    })),
    comments: [...comments.values()].map(({ issueNumber, body: text }) => ({
      issueNumber,
      text: withoutMarkers(text).replaceAll(/[0-9a-f]{40}/gu, "HASH"),
    })),
    checks: Object.fromEntries(
      [...runs.values()].map(({ name, conclusion }) => [name, conclusion]),
    ),
  };
}

describe("a fault at each call in turn", () => {
  test.each([
    ["of planning by label", planning],
    ["of the sweep", sweeping],
  ])(
    "%s leaves what the next run completes",
    async (_, aStart) => {
      const calm = await aStart();
      const before = calm.github.calls.length;
      await calm.act();
      const count = calm.github.calls.length - before;
      const whole = seen(calm);
      await calm.act();
      expect(seen(calm)).toEqual(whole);
      await calm.github.close();

      expect(count).toBeGreaterThan(5);
      for (let failAt = 0; failAt < count; failAt += 1) {
        const world = await aStart();
        world.github.faults.add({ after: failAt, kind: "status", status: 502 });
        await world.act().catch(() => null);
        world.github.faults.clear();
        await world.act();

        expect(seen(world), `call ${String(failAt + 1)} of ${String(count)}`).toEqual(whole);
        await world.github.close();
      }
    },
    300_000,
  );
});
