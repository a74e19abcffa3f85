import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/core";
import { describe, expect, test } from "vitest";
import { aStand, botPermissions, expectNoViolations, refusal } from "./stand.ts";

describe("rights in the fake GitHub", () => {
  test("a private repository is not there for strangers and nobody, and a bad token is told so", async () => {
    const stand = await aStand();
    const { github } = stand;
    await github.addRepository({ fullName: "ada/secret", isPrivate: true });
    const secret = { owner: "ada", repo: "secret" };

    const stranger = await refusal(stand.stranger.rest.repos.get(secret));
    const nobody = await refusal(
      new Octokit({ baseUrl: github.url }).request("GET /repos/ada/secret"),
    );
    const forged = await refusal(stand.as("ghp_forged").rest.repos.get(secret));
    const { data } = await stand.as(github.userToken("ada")).rest.repos.get(secret);

    expect([stranger.status, nobody.status, forged.status]).toEqual([404, 404, 401]);
    expect([data.private, data.permissions?.admin]).toEqual([true, true]);
    expectNoViolations(stand);
  });

  test("without the permission, an installation finds nothing to read and may write nothing", async () => {
    const stand = await aStand();
    const { github, repo, fullName } = stand;
    const { number } = github.openIssue(fullName, { title: "Look", author: "ada" });
    const [installation] = github.hub.installations.values();
    if (installation === undefined) {
      throw new Error("The stand has an installation.");
    }
    const blind = stand.as(github.installationToken(installation, { permissions: {} }));
    const reader = stand.as(
      github.installationToken(installation, { permissions: { issues: "read" } }),
    );
    const target = { ...repo, issue_number: number };

    const unseen = await refusal(blind.rest.issues.get(target));
    const { data } = await reader.rest.issues.get(target);
    const unwritten = await refusal(reader.rest.issues.createComment({ ...target, body: "Hi" }));

    expect([unseen.status, data.number, unwritten.status]).toEqual([404, number, 403]);
    expect(unwritten.text).toContain("Resource not accessible by integration");
    expectNoViolations(stand);
  });

  test("a token that an installation gives back opens nothing more, and only its own", async () => {
    const stand = await aStand();
    const { github, repo } = stand;
    const [installation] = github.hub.installations.values();
    if (installation === undefined) {
      throw new Error("The stand has an installation.");
    }
    const given = stand.as(github.installationToken(installation));

    await given.request("DELETE /installation/token");
    const after = await refusal(given.rest.repos.get(repo));
    const other = await stand.bot.rest.repos.get(repo);
    const person = await refusal(stand.writer.request("DELETE /installation/token"));

    expect([after.status, other.status, person.status]).toEqual([401, 200, 403]);
    expectNoViolations(stand);
  });

  test("the permission for pull requests serves for their comments and for no issue's", async () => {
    const stand = await aStand();
    const { github, repo, fullName } = stand;
    github.openIssue(fullName, { title: "An issue", author: "ada" });
    await github.commit(fullName, { branch: "topic", files: { "a.txt": "a\n" } });
    const { number } = await github.openPull(fullName, {
      title: "A",
      author: "wes",
      head: "topic",
    });
    const job = stand.as(github.jobToken(fullName, { pull_requests: "write" }));

    const { data } = await job.rest.issues.createComment({
      ...repo,
      issue_number: number,
      body: "Hi",
    });
    const refused = await refusal(
      job.rest.issues.createComment({ ...repo, issue_number: 1, body: "Hi" }),
    );

    expect([data.user?.login, refused.status]).toEqual(["github-actions[bot]", 403]);
    expectNoViolations(stand);
  });

  test("an app proves itself with its key and gets tokens that hold what it asks for and no more", async () => {
    const stand = await aStand();
    const { github, repo } = stand;
    await github.addRepository({ fullName: "ada/other" });
    const { app, privateKey } = github.addApp("planner", { issues: "write" });
    const installation = github.install(app, "ada");
    const auth = { appId: app.id, privateKey, installationId: installation.id };
    const asApp = new Octokit({ baseUrl: github.url, authStrategy: createAppAuth, auth });

    const { data: self } = await asApp.request("GET /app");
    const { data: found } = await asApp.request("GET /repos/{owner}/{repo}/installation", repo);
    const { data: all } = await asApp.request("GET /app/installations");
    const { data: one } = await asApp.request("GET /app/installations/{installation_id}", {
      installation_id: installation.id,
    });
    const token = { installation_id: installation.id, repositories: ["engine"] };
    const { data: grant } = await asApp.request(
      "POST /app/installations/{installation_id}/access_tokens",
      { ...token, permissions: { issues: "read" } },
    );
    const tooMuch = await refusal(
      asApp.request("POST /app/installations/{installation_id}/access_tokens", {
        ...token,
        permissions: { contents: "write" },
      }),
    );
    const elsewhere = await refusal(
      asApp.request("POST /app/installations/{installation_id}/access_tokens", {
        ...token,
        repositories: ["nowhere"],
      }),
    );
    const narrow = stand.as(grant.token);
    const written = await refusal(narrow.rest.issues.create({ ...repo, title: "No" }));
    const other = await refusal(narrow.rest.issues.listForRepo({ owner: "ada", repo: "other" }));
    const { data: repositories } = await narrow.rest.apps.listReposAccessibleToInstallation();

    expect([self?.slug, found.id, one.id]).toEqual(["planner", installation.id, installation.id]);
    expect(all.map(({ id }) => id)).toEqual([installation.id]);
    expect([tooMuch.status, elsewhere.status]).toEqual([422, 422]);
    expect([written.status, other.status]).toEqual([403, 404]);
    expect(repositories.repositories.map(({ full_name }) => full_name)).toEqual(["ada/engine"]);
    expectNoViolations(stand);
  });

  test("an app with another's key is nobody, and its installation's token ends after an hour", async () => {
    let nowMs = Date.now();
    const stand = await aStand({ nowMs: () => nowMs });
    const { github, repo } = stand;
    const { app, privateKey } = github.addApp("planner", botPermissions);
    const { privateKey: other } = github.addApp("other", {});
    const installation = github.install(app, "ada");
    const forged = new Octokit({
      baseUrl: github.url,
      authStrategy: createAppAuth,
      auth: { appId: app.id, privateKey: other },
    });
    const real = createAppAuth({
      appId: app.id,
      privateKey,
      request: new Octokit({ baseUrl: github.url }).request,
    });

    const refused = await refusal(forged.request("GET /app"));
    const { token } = await real({ type: "installation", installationId: installation.id });
    const { status } = await stand.as(token).rest.repos.get(repo);
    nowMs += 3_600_001;
    const late = await refusal(stand.as(token).rest.repos.get(repo));

    expect([refused.status, status, late.status]).toEqual([401, 200, 401]);
    expectNoViolations(stand);
  });

  test("a fine-grained token of a person does what it is given, where it is given", async () => {
    const stand = await aStand();
    const { github } = stand;
    await github.addRepository({ fullName: "wes/other" });
    const client = stand.as(
      github.userToken("wes", { permissions: { issues: "write" }, repositories: ["ada/engine"] }),
    );
    const other = { owner: "wes", repo: "other" };

    const { status } = await client.rest.issues.create({ ...stand.repo, title: "Given" });
    const elsewhere = await refusal(client.rest.issues.create({ ...other, title: "Not given" }));
    const { data: read } = await client.rest.issues.listForRepo(other);
    const unread = await refusal(client.rest.pulls.list(stand.repo));

    expect([status, elsewhere.status, read, unread.status]).toEqual([201, 403, [], 404]);
    expectNoViolations(stand);
  });

  test("what a person may do is their role, in the old word and the new one", async () => {
    const stand = await aStand();
    const { github, repo, fullName } = stand;
    github.addUser("tria");
    github.setPermission(fullName, "tria", "triage");

    const permissions = await Promise.all(
      ["ada", "wes", "tria", "mallory"].map(async (username) => {
        const { data } = await stand.bot.rest.repos.getCollaboratorPermissionLevel({
          ...repo,
          username,
        });
        return [data.permission, data.role_name];
      }),
    );
    const isOne = await stand.writer.rest.repos.checkCollaborator({ ...repo, username: "tria" });
    const isNone = await refusal(
      stand.writer.rest.repos.checkCollaborator({ ...repo, username: "mallory" }),
    );

    expect(permissions).toEqual([
      ["admin", "admin"],
      ["write", "write"],
      ["read", "triage"],
      ["read", "read"],
    ]);
    expect([isOne.status, isNone.status]).toEqual([204, 404]);
    expectNoViolations(stand);
  });

  test("teams are seen by members of their organization and by apps that may read members", async () => {
    const stand = await aStand();
    const { github } = stand;
    github.addOrganization("works", ["wes"]);
    github.addTeam("works", "keepers", ["wes"]);
    const { app } = github.addApp("reader", { members: "read" });
    const bot = stand.as(github.installationToken(github.install(app, "works")));
    const team = { org: "works", team_slug: "keepers" };

    const { data } = await bot.rest.teams.listMembersInOrg(team);
    const { data: own } = await stand.writer.rest.teams.getMembershipForUserInOrg({
      ...team,
      username: "wes",
    });
    const unseen = await refusal(stand.stranger.rest.teams.listMembersInOrg(team));

    expect([data.map(({ login }) => login), own.role, unseen.status]).toEqual([
      ["wes"],
      "member",
      404,
    ]);
    expectNoViolations(stand);
  });
});
