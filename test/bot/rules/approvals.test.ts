import { afterAll, beforeAll, expect, test } from "vitest";

import { readSnapshot } from "../../../src/bot/rules/snapshot.ts";
import { shop } from "../../support/action-stand.ts";
import { botPlace } from "../../support/bot-place.ts";
import { startGithub } from "../../support/github/server.ts";
import type { Github } from "../../support/github/server.ts";
import { aContext, baseSha, headSha } from "../contexts.ts";

let github: Github;

beforeAll(async () => {
  github = await startGithub();
  await github.addRepository({ fullName: shop });
  for (const login of ["tim", "grace"]) {
    github.addUser(login);
    github.setPermission(shop, login, "write");
  }
  await github.commit(shop, { branch: "main", files: { "src/pay.ts": "1\n" } });
});

afterAll(async () => {
  expect(github.violations).toEqual([]);
  await github.close();
});

test("strangers who approve first take no place of somebody whose approval counts", async () => {
  await github.commit(shop, { branch: "work", files: { "src/pay.ts": "2\n" } });
  const { number } = await github.openPull(shop, { title: "Pay", author: "tim", head: "work" });
  for (let at = 1; at <= 25; at += 1) {
    const login = `stranger-${String(at)}`;
    github.addUser(login);
    github.review(shop, number, { author: login, state: "APPROVED" });
  }
  github.review(shop, number, { author: "grace", state: "APPROVED" });
  const place = await botPlace(github, null);

  const { approvals } = await readSnapshot(aContext(), place, {
    base: { ref: "main", sha: baseSha },
    head: { ref: "work", sha: headSha, isFork: false },
    pull: await place.host.pulls.get(number),
  });

  const all = approvals.kind === "known" ? approvals.value : [];
  expect(all[0]?.by).toMatchObject({ login: "grace", permission: "write" });
  expect(all).toHaveLength(20);
});
