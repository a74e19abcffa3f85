import { describe, expect, test } from "vitest";
import { githubOperations, githubWebhooks } from "../../../scripts/github-operations.ts";
import {
  matchOperation,
  operations,
  schemaNames,
  webhookFaults,
} from "../../support/github/description.ts";
import { errata } from "../../support/github/errata.ts";
import { answered } from "../../support/github/server.ts";
import { responseFaults } from "../../support/github/validation.ts";
import { aStand, expectNoViolations, refusal } from "./stand.ts";

describe("the fake GitHub's strictness", () => {
  test("answers every operation of the extract, and the extract is what the table says", () => {
    expect(answered.toSorted()).toEqual(operations.map(({ name }) => name).toSorted());
    expect(operations.map(({ name }) => name)).toEqual(githubOperations);
    expect(
      githubWebhooks.filter((name) => webhookFaults(name, {}).join("").includes("no webhook")),
    ).toEqual([]);
  });

  test("every erratum gives its reason and is of something that the extract has", () => {
    const known = new Set(["*", ...schemaNames, ...operations.map(({ name }) => name)]);

    expect(errata.filter(({ reason }) => reason.length < 20)).toEqual([]);
    expect(errata.filter(({ at }) => !known.has(at))).toEqual([]);
  });

  test("an answer with a field that GitHub has not, or without one that it has, is a fault", async () => {
    const stand = await aStand();
    const { data: label } = await stand.writer.rest.issues.createLabel({
      ...stand.repo,
      name: "a",
    });
    const match = matchOperation("GET", "/repos/ada/engine/labels/a");
    if (match === null) {
      throw new Error("The extract has labels.");
    }
    const shown = { ...label, id: Number(label.id) };
    const { color: _, ...colourless } = shown;

    expect(responseFaults(match, 200, shown)).toEqual([]);
    expect(responseFaults(match, 200, { ...shown, mood: "good" })).not.toEqual([]);
    expect(responseFaults(match, 200, colourless)).not.toEqual([]);
    expect(responseFaults(match, 202, shown)).not.toEqual([]);
    expect(responseFaults(match, 404, { message: "Not Found", status: "404" })).toEqual([]);
  });

  test.each([
    ["an unknown field in a body", "POST /repos/ada/engine/issues", { title: "t", mood: "good" }],
    [
      "an unknown field deep in a body",
      "POST /repos/ada/engine/check-runs",
      {
        name: "n",
        head_sha: "0".repeat(40),
        output: { title: "t", summary: "s", annotations: [], colour: "red" },
      },
    ],
    ["a missing field", "POST /repos/ada/engine/issues", { body: "b" }],
    [
      "a field of another type",
      "POST /repos/ada/engine/issues/1/sub_issues",
      { sub_issue_id: "7" },
    ],
    ["an unknown value", "POST /repos/ada/engine/issues/1/reactions", { content: "shrug" }],
    ["an unknown parameter", "GET /repos/ada/engine/issues?status=open", undefined],
    ["a parameter of another type", "GET /repos/ada/engine/issues?per_page=many", undefined],
    ["a number in the path that is none", "GET /repos/ada/engine/issues/first", undefined],
    ["a body where none belongs", "POST /repos/ada/engine/check-runs/1/rerequest", { why: "so" }],
  ])("refuses %s, and remembers it", async (_, route, body) => {
    const stand = await aStand();
    const [method = "", path = ""] = route.split(" ");

    const answer = await fetch(`${stand.github.url}${path}`, {
      method,
      headers: { authorization: `token ${stand.github.userToken("wes")}`, "user-agent": "test" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("breaks GitHub's description");
    expect(stand.github.violations.map(({ side }) => side)).toEqual(["request"]);
  });

  test("refuses an operation that it does not have, and remembers it", async () => {
    const stand = await aStand();

    const refused = await refusal(stand.bot.request("GET /repos/ada/engine/actions/runs"));

    expect(refused.status).toBe(404);
    expect(stand.github.violations).toEqual([
      expect.objectContaining({ call: "GET /repos/ada/engine/actions/runs" }),
    ]);
  });

  test("refuses text that is no JSON and calls without a user agent, as GitHub does", async () => {
    const stand = await aStand();
    const { github } = stand;
    const url = `${github.url}/repos/ada/engine/issues`;
    const authorization = `Bearer ${github.userToken("wes")}`;

    const broken = await fetch(url, { method: "POST", headers: { authorization }, body: "{" });

    expect([broken.status, await broken.json()]).toEqual([
      400,
      expect.objectContaining({ message: "Problems parsing JSON" }),
    ]);
    expectNoViolations(stand);
  });

  test("serves the same below /api/v3, and says its version when it is an Enterprise Server", async () => {
    const stand = await aStand({ enterpriseVersion: "3.17.0" });
    const client = stand.as(stand.github.userToken("wes"), stand.github.enterpriseUrl);
    for (let count = 0; count < 3; count += 1) {
      stand.github.openIssue(stand.fullName, { title: "One of three", author: "ada" });
    }

    const all = await client.paginate(client.rest.issues.listForRepo, {
      ...stand.repo,
      per_page: 1,
    });
    const { headers } = await client.rest.repos.get(stand.repo);
    const viewer: { viewer: { login: string } } = await client.graphql("{ viewer { login } }");

    expect([all.length, viewer.viewer.login]).toEqual([3, "wes"]);
    expect(headers["x-github-enterprise-version"]).toBe("3.17.0");
    expectNoViolations(stand);
  });

  test("records who asked what and what was answered", async () => {
    const stand = await aStand();

    await stand.bot.rest.issues.create({ ...stand.repo, title: "Note this" });

    expect(stand.github.calls).toEqual([
      expect.objectContaining({
        method: "POST",
        path: "/repos/ada/engine/issues",
        as: "skein[bot]",
        body: { title: "Note this" },
        status: 201,
      }),
    ]);
  });
});
