import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";

import type { BotContext } from "../../src/bot/context.ts";
import { handleIssue } from "../../src/bot/handlers/plan.ts";
import { parsePayload } from "../../src/bot/payload.ts";
import { withDecomposition } from "../../src/bot/plan/decomposing.ts";
import { withIntake } from "../../src/bot/tasks/intake.ts";
import { openLedger } from "../../src/bot/workplace.ts";
import type { Workplace } from "../../src/bot/workplace.ts";
import { createDryHost } from "../../src/bot/dry-host.ts";
import { openProject } from "../../src/compose.ts";
import { removeRepositories, testEnv } from "../adapters/git/repositories.ts";
import { checkOut, payloadOf, shop } from "../support/action-stand.ts";
import { botPlace } from "../support/bot-place.ts";
import { startGithub } from "../support/github/server.ts";
import type { Github } from "../support/github/server.ts";
import { aContext, plainWishes } from "./contexts.ts";

let github: Github;
let place: Workplace;
let context: BotContext;

beforeEach(async () => {
  github = await startGithub();
  github.addUser("grace");
  await github.addRepository({ fullName: shop });
  github.setPermission(shop, "grace", "write");
  await github.commit(shop, { branch: "main", files: { "src/a.ts": "1\n" } });
  place = await botPlace(github, "store: { url: env:SHOP_DATABASE }\n");
  context = aContext({ isDurable: true, cwd: await checkOut(github), env: testEnv });
});

afterEach(async () => {
  expect(github.violations).toEqual([]);
  await github.close();
});
afterAll(removeRepositories);

describe("the ledger of a run", () => {
  test("is the App's own, whatever database the settings name for clones", async () => {
    const { skein } = await openLedger(context, place);
    await skein.close();

    expect(skein.store.project).toBe("local");
  });

  test("gets no task of a dry run", async () => {
    const body = "- [ ] One (files: a.ts)\n- [ ] Two (files: b.ts)\n";
    const draft = { title: "I", body, author: "grace", labels: ["skein:plan"] };
    const { number: issue } = github.openIssue(shop, draft);
    const label = { name: "skein:plan" };
    const payload = await payloadOf(github, "grace", { action: "labeled", issue, label });
    const event = parsePayload("issues", payload, null);
    if (event.kind !== "issue") {
      throw new Error("it is an issue's event");
    }
    await handleIssue({ ...context, event }, place, event);
    const [comment] = await place.host.issues.comments(issue);
    const hash = /approve ([0-9a-f]{40})/u.exec(comment?.body ?? "")?.[1] ?? "";
    const by = { id: 0, login: "grace", kind: "person" } as const;

    const dry = { ...context, wishes: { ...plainWishes, isDryRun: true } };
    const calm = { ...place, host: createDryHost(place.host, context.log) };
    await withDecomposition(dry, calm, async (each) => each.approve({ issue, hash, by }));
    const happening = { kind: "check", name: "ci", branch: "main", sha: "a".repeat(40) } as const;
    const without = { ...context, isDurable: false };
    await withIntake(without, place, async (intake) => intake.take(happening));
    await withIntake(dry, calm, async (intake) => intake.keep());

    const { skein } = await openProject({ cwd: context.cwd ?? "", env: testEnv });
    const tasks = await skein.store.read(async (reader) => skein.plans.listTasks(reader, {}));
    await skein.close();
    expect(tasks).toEqual([]);
  });
});
