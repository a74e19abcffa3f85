import { afterEach, beforeEach, expect, test } from "vitest";

import type { BotContext } from "../../src/bot/context.ts";
import { openWorkplace } from "../../src/bot/workplace.ts";
import { jobRights, shop } from "../support/action-stand.ts";
import { startGithub } from "../support/github/server.ts";
import type { Github } from "../support/github/server.ts";
import { aContext, anEvent, plainWishes } from "./contexts.ts";

let github: Github;

beforeEach(async () => {
  github = await startGithub();
  await github.addRepository({ fullName: shop });
  const files = { "conf/skein.yml": "budgets: { run_usd: 3 }\n" };
  await github.commit(shop, { branch: "main", files });
});

afterEach(async () => {
  expect(github.violations).toEqual([]);
  await github.close();
});

function at(config: string | null): BotContext {
  const event = anEvent("schedule", null);
  return aContext({
    event: { ...event, repository: { ...event.repository, fullName: shop } },
    wishes: { ...plainWishes, config },
    github: {
      apiUrl: github.url,
      serverUrl: github.webUrl,
      token: github.jobToken(shop, jobRights),
    },
  });
}

test("a place of settings that was named has to be there", async () => {
  await expect(openWorkplace(at("conf/skein.yaml"))).rejects.toMatchObject({ code: "SKN-2943" });
});

test("one that is there counts, and none has to be where none was named", async () => {
  const [named, usual] = [await openWorkplace(at("conf/skein.yml")), await openWorkplace(at(null))];

  expect(named.settings.budgets).toMatchObject({ runMicroUsd: 3_000_000 });
  expect(usual.settingsText).toBeNull();
});
