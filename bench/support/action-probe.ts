import { Octokit } from "@octokit/core";
import { paginateRest } from "@octokit/plugin-paginate-rest";
import { restEndpointMethods } from "@octokit/plugin-rest-endpoint-methods";
import { retry } from "@octokit/plugin-retry";
import { throttling } from "@octokit/plugin-throttling";

import { runAction } from "../../src/bot/action/run.ts";
import { plainOutcome } from "../../src/bot/context.ts";
import type { BotContext, HandlerOutcome } from "../../src/bot/context.ts";
import { openEphemeralSkein } from "../../src/compose-action-store.ts";
import { openModels } from "../../src/compose-models.ts";
import { prepareReview } from "../../src/compose-review.ts";
import { loadSettings } from "../../src/settings.ts";

/** A handler that opens what every handler opens, and asks GitHub one thing. */
async function probe({ event, github, env, cwd, outputDir }: BotContext): Promise<HandlerOutcome> {
  const at = cwd ?? outputDir;
  const { settings } = await loadSettings({ root: at, env, text: null });
  const skein = await openEphemeralSkein({ cwd: at, env, settings });
  const Client = Octokit.plugin(paginateRest, restEndpointMethods, retry, throttling);
  const client = new Client({
    auth: github.token,
    baseUrl: github.apiUrl,
    throttle: { onRateLimit: () => false, onSecondaryRateLimit: () => false },
  });
  const { owner, name } = event.repository;
  const { data } = await client.rest.repos.get({ owner, repo: name });
  await skein.close();
  const parts = [openModels, prepareReview].map(({ name: part }) => part).join(" and ");
  return plainOutcome("success", `${data.full_name} answered; ${parts} are at hand.`);
}

process.exitCode = await runAction({
  env: process.env,
  signals: process,
  handlers: { rules: async () => probe },
});
