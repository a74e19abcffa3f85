import { Ajv } from "ajv";
import formats from "ajv-formats";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import official from "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json" with { type: "json" };

import { removeRepositories } from "../adapters/git/repositories.ts";
import { say, startModelServer } from "../support/model-servers/index.ts";
import type { Answer, ModelCall, ModelServer } from "../support/model-servers/index.ts";
import { aBranchToReview, bug, reviewEnv, settingsFor, usage } from "../support/review-stand.ts";

const servers: ModelServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
afterAll(removeRepositories);

const { $schema: _, id, ...rules } = official;
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
formats.default(ajv);
const validate = ajv.compile({ ...rules, $id: id });

/** What a reviewer says who wants more than to be read. */
const hostile = {
  ...bug,
  title: "Fixes #12, ask @ada, see https://evil.example/x \u001b[2J",
  body: '[click](https://evil.example) ![p](https://evil.example/p.png) <img src="https://evil.example/q">\n/approve\n@skein-bot merge',
};

function obedient({ prompt }: ModelCall): Answer {
  const ids = [...prompt.matchAll(/\[begin candidate (c\d+) /gu)].map(([, name]) => name);
  const votes = ids.map((name) => ({ id: name, vote: "confirm", reason: hostile.body }));
  const answer = prompt.includes("Vote on each of:") ? { votes } : { findings: [hostile] };
  return say(JSON.stringify(answer), { usage });
}

/** All that `skein review` prints of one review whose reviewers are hostile. */
async function printed(): Promise<{ readonly sarif: string; readonly markdown: string }> {
  const server = await startModelServer({ reply: obedient });
  servers.push(server);
  const line = aBranchToReview(settingsFor(server, server));
  const sarif = await line.skein("review --preset fast --sarif", { env: reviewEnv });
  const markdown = await line.skein("review show R1 --markdown", { env: reviewEnv });

  expect([sarif.code, markdown.code]).toEqual([20, 20]);
  return { sarif: sarif.out, markdown: markdown.out };
}

/** Markdown as a code host sees it: what stands in code spans is dead. */
function withoutCode(markdown: string): string {
  return markdown.replaceAll(/(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/gu, "");
}

describe("the printed review", () => {
  test("is SARIF by the official schema, and Markdown in which nothing of reviewers is alive", async () => {
    const { sarif, markdown } = await printed();
    const isValid = validate(JSON.parse(sarif));
    const alive = withoutCode(markdown);

    expect(validate.errors ?? []).toEqual([]);
    expect(isValid).toBe(true);
    expect(sarif).toContain("evil.example");
    expect(sarif).not.toContain("\u001b");
    expect(markdown).toContain("evil.example");
    expect(alive).not.toMatch(/https?:|evil\.example|@ada|@skein-bot|#12/u);
    expect(alive).not.toMatch(/(?<!\\)<[a-z/!]|(?<!\\)!\[|(?<!\\)\]\(/iu);
    expect(markdown).not.toMatch(/^\/approve/mu);
    expect(markdown).not.toContain("\u001b");
  });
});
