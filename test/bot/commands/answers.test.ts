import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { handoverText } from "../../../src/bot/action/handover.ts";
import { permissionOf } from "../../../src/bot/asking.ts";
import { obey } from "../../../src/bot/commands/obey.ts";
import type { Command } from "../../../src/bot/commands/command.ts";
import type { BotContext, BotStage, HandlerOutcome } from "../../../src/bot/context.ts";
import { numberOf, shasOf } from "../../../src/bot/event.ts";
import { handleCommand } from "../../../src/bot/handlers/command.ts";
import { parsePayload } from "../../../src/bot/payload.ts";
import type { Workplace } from "../../../src/bot/workplace.ts";
import { jobRights, payloadOf, shop } from "../../support/action-stand.ts";
import { botPlace } from "../../support/bot-place.ts";
import { startGithub } from "../../support/github/server.ts";
import type { Github } from "../../support/github/server.ts";
import { aContext, plainWishes } from "../contexts.ts";

let github: Github;
let place: Workplace;
let pull = 0;
let issue = 0;

beforeEach(async () => {
  github = await startGithub({ limits: { writesPerMinute: 1_000 } });
  github.addUser("grace");
  await github.addRepository({ fullName: shop });
  github.setPermission(shop, "grace", "write");
  await github.commit(shop, { branch: "main", files: { "a.ts": "1\n" } });
  await github.commit(shop, { branch: "topic", files: { "a.ts": "2\n" } });
  const opened = { title: "T", body: "", author: "grace" };
  pull = (await github.openPull(shop, { ...opened, head: "topic" })).number;
  issue = github.openIssue(shop, opened).number;
  place = await botPlace(github, 'github: { allow_bots: ["robo[bot]"] }\n');
});

afterEach(async () => {
  expect(github.violations).toEqual([]);
  await github.close();
});

async function contextOf(about: object, odd: Partial<BotContext> = {}): Promise<BotContext> {
  const payload = await payloadOf(github, "grace", { action: "created", ...about });
  const name = "pull" in about ? "pull_request_review_comment" : "issue_comment";
  return aContext({
    event: parsePayload(name, payload, null),
    github: {
      apiUrl: github.url,
      serverUrl: github.webUrl,
      token: github.jobToken(shop, jobRights),
    },
    ...odd,
  });
}

async function spoken(text: string, on = issue): Promise<BotContext> {
  const { id } = github.comment(shop, on, { author: "grace", body: text });
  const [sender] = [await user()];
  return contextOf({ issue: on, comment: { id, body: text, user: sender } });
}

async function user(): Promise<unknown> {
  return (await payloadOf(github, "grace", { action: "" }))["sender"];
}

function said(): readonly string[] {
  return [...github.repository(shop).comments.values()].map(({ body }) => body);
}

const by = { id: 1, login: "grace", kind: "person" } as const;

describe("a command of which nothing comes", () => {
  const onIssue: readonly (readonly [Command, RegExp])[] = [
    [{ kind: "approve", hash: "a".repeat(40) }, /No plan was proposed here.*\/skein plan/u],
    [{ kind: "steer", act: "pause" }, /for pull requests/u],
    [{ kind: "review", isFull: false, preset: null, sha: null }, /for pull requests/u],
    [{ kind: "rules" }, /for pull requests/u],
    [{ kind: "assign", login: "nobody-here" }, /does not let nobody-here be assigned/u],
    [{ kind: "unknown", word: "dance" }, /does not know `dance`/u],
  ];
  test.each(onIssue)("is answered with the reason: %j", async (command, reason) => {
    const context = await contextOf({ issue, comment: { id: 1, body: "" } });

    await obey(context, place, { command, by });

    expect(said()).toEqual([expect.stringMatching(reason)]);
  });

  test("says that there was no thread to close", async () => {
    const context = await contextOf({ pull, comment: { id: 1, body: "" } });

    await obey(context, place, { command: { kind: "steer", act: "resolve" }, by });

    expect(said()).toEqual([expect.stringContaining("No thread of Skein's is open")]);
  });

  test.each(["/skein pause", "/skein dance"])("gets no rocket: %s", async (text) => {
    await handleCommand(await spoken(text));

    expect(reactions()).toEqual([{ content: "eyes" }, { content: "confused" }]);
  });
});

function reactions(): readonly unknown[] {
  return github.calls
    .filter(({ method, path }) => method === "POST" && path.endsWith("/reactions"))
    .map(({ body }) => body);
}

async function stageOf(stage: BotStage, text: string): Promise<[BotContext, HandlerOutcome]> {
  const comment = { id: 1, body: text, user: await user() };
  const context = await contextOf({ pull, comment }, { wishes: { ...plainWishes, stage } });
  return [context, await handleCommand(context)];
}

describe("a command in several jobs", () => {
  test.each(["/skein status", "/skein review", "/skein plan"])(
    "can be handed on from a comment on lines of a change: %s",
    async (text) => {
      await github.commit(shop, { branch: "main", files: { "b.ts": "1\n" } });
      const [{ event }, { handover }] = await stageOf("collect", text);

      expect(handover).not.toBeNull();
      const number = numberOf(event);
      const bound = { repository: shop, number, shas: shasOf(event) };
      const written = { kind: "command", createdAt: new Date(0).toISOString(), secrets: [] };
      expect(
        handoverText({
          headSha: null,
          baseSha: null,
          payload: {},
          ...handover,
          ...written,
          place: bound,
        }),
      ).toContain('"kind":"command"');
    },
  );

  test("is acknowledged by the first job that may write, and answered by the last", async () => {
    const { id } = github.comment(shop, issue, { author: "grace", body: "/skein status" });
    const comment = { id, body: "/skein status", user: await user() };
    const after: (readonly unknown[])[] = [];
    for (const stage of ["collect", "reserve", "think", "publish"] as const) {
      const wishes = { ...plainWishes, stage };
      await handleCommand(await contextOf({ issue, comment }, { wishes }));
      after.push(reactions());
    }

    const eyes = { content: "eyes" };
    expect(after).toEqual([[], [eyes], [eyes], [eyes, { content: "rocket" }]]);
    expect(said()).toHaveLength(2);
  });

  test("is answered by the job that may write, and by none before it", async () => {
    const comment = { id: 1, body: "/skein review", user: await user() };
    const wishes = { ...plainWishes, stage: "collect" } as const;
    const outcome = await handleCommand(await contextOf({ issue, comment }, { wishes }));

    expect(outcome.handover).not.toBeNull();
    expect(
      github.calls.filter(({ method, path }) => method !== "GET" && path !== "/graphql"),
    ).toEqual([]);
  });
});

describe("permissionOf", () => {
  test("lets a bot that the settings name do what who may write may, since GitHub knows people only", async () => {
    const robo = { id: 9, login: "robo[bot]", kind: "bot" } as const;

    expect(await permissionOf(place, robo)).toBe("write");
    expect(await permissionOf(place, { ...robo, login: "other[bot]" })).toBe("none");
    expect(await permissionOf(place, { ...robo, kind: "person" })).toBe("none");
    expect(await permissionOf(place, { ...by, id: 0 })).toBe("none");
    expect(await permissionOf(place, by)).toBe("write");
  });
});
