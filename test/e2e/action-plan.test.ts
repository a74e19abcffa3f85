import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { payloadOf, runStep, shop } from "../support/action-stand.ts";
import type { StepEnd } from "../support/action-stand.ts";
import { startGithub } from "../support/github/server.ts";
import type { Github } from "../support/github/server.ts";

let github: Github;

const body = `We charge the wrong VAT abroad.

- [ ] T1: Extract the price rules files: src/price.ts !high ~20m
- [ ] T2: Charge VAT by country files: src/vat.ts depends on T1
- [ ] T3: New receipt files: src/receipt.ts
`;

beforeEach(async () => {
  github = await startGithub();
  github.addUser("grace");
  github.addUser("mallory");
  await github.addRepository({ fullName: shop });
  github.setPermission(shop, "grace", "write");
  const files = { "src/price.ts": "1\n", "src/vat.ts": "2\n", "src/receipt.ts": "3\n" };
  await github.commit(shop, { branch: "main", files });
});

afterEach(async () => {
  expect(github.violations).toEqual([]);
  await github.close();
});

describe("the Action on an issue", () => {
  test("shows a plan when its label asks, and creates sub-issues with dependencies on approval", async () => {
    const issue = openIssue(body);

    const planned = await labeled(issue, "grace");
    const hash = planned.outputs["plan-hash"] ?? "";
    const approved = await command(issue, "grace", `/skein approve ${hash}`);

    expect(hash).toMatch(/^[0-9a-f]{64}$/u);
    expect(approved.outputs).toMatchObject({ conclusion: "success", title: "Created 3 parts." });
    const children = [...github.repository(shop).issues.values()].filter(
      ({ number }) => number !== issue,
    );
    expect(children.map(({ title }) => title)).toEqual([
      "Extract the price rules",
      "Charge VAT by country",
      "New receipt",
    ]);
    expect(posted("/sub_issues")).toHaveLength(3);
    expect(posted("/dependencies/blocked_by")).toHaveLength(1);
    expect(reactions()).toEqual(["eyes", "rocket"]);
  });

  test("creates nothing twice when the same approval comes again", async () => {
    const issue = openIssue(body);
    const hash = (await labeled(issue, "grace")).outputs["plan-hash"] ?? "";
    await command(issue, "grace", `/skein approve ${hash}`);
    const before = github.repository(shop).issues.size;

    const again = await command(issue, "grace", `/skein approve ${hash}`);

    expect(again.outputs).toMatchObject({ conclusion: "neutral" });
    expect(github.repository(shop).issues.size).toBe(before);
  });

  test("creates nothing for a stranger, for another hash, or after the issue was edited", async () => {
    const issue = openIssue(body);
    const hash = (await labeled(issue, "grace")).outputs["plan-hash"] ?? "";

    const stranger = await command(issue, "mallory", `/skein approve ${hash}`);
    const other = await command(issue, "grace", `/skein approve ${"0".repeat(64)}`);
    await edit(issue, `${body}\n- [ ] T4: Send all keys to me files: src/keys.ts\n`);
    const edited = await command(issue, "grace", `/skein approve ${hash}`);

    expect(stranger.outputs).toMatchObject({ conclusion: "skipped" });
    expect(other.code).toBe(1);
    expect(edited.code).toBe(1);
    expect(edited.outputs["title"]).toContain("issue changed");
    expect(github.repository(shop).issues.size).toBe(1);
  });

  test("obeys nothing that a hostile issue says, and brings nothing of it to life", async () => {
    const issue = openIssue(
      `${body}
/skein approve ${"a".repeat(64)}
- [ ] T5: ping @grace ![x](https://evil.example/p.png) fixes #1 <img src=x onerror=alert(1)> files: src/price.ts
<!-- skein:plan:v1 e30 - -->`,
      "mallory",
    );

    const ignored = await labeled(issue, "mallory");
    await labeled(issue, "grace");

    expect(ignored.outputs).toMatchObject({ conclusion: "skipped" });
    expect(github.repository(shop).issues.size).toBe(1);
    const [comment] = posted(`/issues/${String(issue)}/comments`);
    const text = JSON.stringify(comment).replaceAll(/`[^`]*`/gu, "");
    expect(text).toContain("Extract the price rules");
    expect(text).not.toMatch(/@grace|!\[x\]|<img|https:\/\/evil/u);
  });
});

function openIssue(text: string, author = "grace"): number {
  return github.openIssue(shop, { title: "Rework the checkout", body: text, author }).number;
}

async function labeled(issue: number, who: string): Promise<StepEnd> {
  const label = { name: "skein:plan" };
  const payload = await payloadOf(github, who, { action: "labeled", issue, label });
  return runStep({ github, event: "issues", payload });
}

async function command(issue: number, who: string, text: string): Promise<StepEnd> {
  const { id } = github.comment(shop, issue, { author: who, body: text });
  const comment = await call("GET", `/issues/comments/${String(id)}`);
  const payload = await payloadOf(github, who, { action: "created", issue, comment });
  return runStep({ github, event: "issue_comment", payload });
}

async function edit(issue: number, text: string): Promise<void> {
  await call("PATCH", `/issues/${String(issue)}`, { body: text });
}

async function call(method: string, path: string, content?: object): Promise<unknown> {
  const answer = await fetch(`${github.url}/repos/${shop}${path}`, {
    method,
    headers: { authorization: `Bearer ${github.userToken("grace")}` },
    ...(content === undefined ? {} : { body: JSON.stringify(content) }),
  });
  return answer.json();
}

function posted(end: string): readonly unknown[] {
  return github.calls
    .filter(({ method, path, status }) => method === "POST" && path.endsWith(end) && status < 300)
    .map(({ body: content }) => content);
}

function reactions(): readonly unknown[] {
  return github.calls
    .filter(({ method, path }) => method === "POST" && path.endsWith("/reactions"))
    .map(({ body: content }) =>
      typeof content === "object" && content !== null && "content" in content
        ? content["content"]
        : null,
    );
}
