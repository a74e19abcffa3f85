import { Probot } from "probot";
import { describe, expect, test } from "vitest";
import { aStand, botPermissions, expectNoViolations } from "./stand.ts";

describe("Probot on the fake GitHub", () => {
  test("an app receives a signed webhook and answers with the token of its installation", async () => {
    const stand = await aStand();
    const { github, fullName } = stand;
    const { app, privateKey } = github.addApp("planner", botPermissions);
    const installation = github.install(app, "ada");
    const { number } = github.openIssue(fullName, { title: "Plan this", author: "ada" });
    const comment = github.comment(fullName, number, { author: "wes", body: "/skein plan" });
    const hook = await github.webhookOf("issue_comment.created", {
      repository: fullName,
      sender: "wes",
      number,
      commentId: comment.id,
      installation,
    });
    const probot = new Probot({
      appId: app.id,
      privateKey,
      secret: "a secret",
      baseUrl: github.enterpriseUrl,
      logLevel: "fatal",
    });
    await probot.load((bot) => {
      bot.on("issue_comment.created", async (context) => {
        await context.octokit.rest.reactions.createForIssueComment(
          context.repo({ comment_id: context.payload.comment.id, content: "eyes" }),
        );
      });
    });

    await probot.webhooks.verifyAndReceive({
      id: hook.id,
      name: "issue_comment",
      payload: hook.body,
      signature: hook.headers("a secret")["x-hub-signature-256"] ?? "",
    });

    const reactions = [...github.repository(fullName).reactions.values()];
    expect(reactions.map(({ author, content }) => [author.login, content])).toEqual([
      ["planner[bot]", "eyes"],
    ]);
    expectNoViolations(stand);
  });
});
