import { describe, expect, test } from "vitest";
import { aStand, expectNoViolations, refusal } from "./stand.ts";

describe("repositories of the fake GitHub", () => {
  test("files and folders are read at any commit, and a file is written only over what was read", async () => {
    const stand = await aStand();
    const { bot, repo, github, fullName } = stand;
    const old = await github.commit(fullName, { branch: "main", files: { "src/a.ts": "1\n" } });
    await github.commit(fullName, { branch: "main", files: { "src/a.ts": "2\n" } });
    const file = { ...repo, path: "src/a.ts" };

    const { data: now } = await bot.rest.repos.getContent(file);
    const { data: then } = await bot.rest.repos.getContent({ ...file, ref: old });
    const { data: folder } = await bot.rest.repos.getContent({ ...repo, path: "src" });
    const { data: top } = await bot.rest.repos.getContent({ ...repo, path: "" });
    const raw = await bot.rest.repos.getContent({ ...file, mediaType: { format: "raw" } });
    const missing = await refusal(bot.rest.repos.getContent({ ...repo, path: "src/b.ts" }));
    if (!("content" in now) || !("content" in then)) {
      throw new Error("A file was expected.");
    }
    const write = { ...file, message: "Write", content: Buffer.from("3\n").toString("base64") };
    const blind = await refusal(bot.rest.repos.createOrUpdateFileContents(write));
    const stale = await refusal(
      bot.rest.repos.createOrUpdateFileContents({ ...write, sha: then.sha }),
    );
    const { data: written } = await bot.rest.repos.createOrUpdateFileContents({
      ...write,
      sha: now.sha,
    });

    const texts = [now, then].map(({ content }) => Buffer.from(content, "base64").toString());
    expect([texts, raw.data]).toEqual([["2\n", "1\n"], "2\n"]);
    expect(
      [folder, top].map((list) => (Array.isArray(list) ? list.map(({ path }) => path) : [])),
    ).toEqual([["src/a.ts"], ["README.md", "src"]]);
    expect([missing.status, blind.status, stale.status]).toEqual([404, 422, 409]);
    expect(written.content?.path).toBe("src/a.ts");
    expectNoViolations(stand);
  });

  test("branches, commits and their comparison are shown as git has them", async () => {
    const stand = await aStand();
    const { bot, repo, github, fullName } = stand;
    const head = await github.commit(fullName, {
      branch: "feat/a",
      files: { "a.txt": "a\n" },
      author: "wes",
    });
    await github.commit(fullName, { branch: "main", files: { "b.txt": "b\n" } });
    const { number } = await github.openPull(fullName, {
      title: "A",
      author: "wes",
      head: "feat/a",
    });

    const { data: branches } = await bot.rest.repos.listBranches(repo);
    const { data: compared } = await bot.rest.repos.compareCommitsWithBasehead({
      ...repo,
      basehead: "main...feat/a",
    });
    const { data: commits } = await bot.rest.repos.listCommits({ ...repo, sha: "feat/a" });
    const { data: commit } = await bot.rest.repos.getCommit({ ...repo, ref: "feat/a" });
    const { data: pulls } = await bot.rest.repos.listPullRequestsAssociatedWithCommit({
      ...repo,
      commit_sha: head,
    });
    const unknown = await refusal(bot.rest.repos.getCommit({ ...repo, ref: "nothing" }));

    expect(branches.map(({ name }) => name)).toEqual(["feat/a", "main"]);
    expect([compared.status, compared.ahead_by, compared.behind_by]).toEqual(["diverged", 1, 1]);
    expect(compared.files?.map(({ filename }) => filename)).toEqual(["a.txt"]);
    expect([commits[0]?.sha, commits.length, commit.stats?.additions]).toEqual([head, 2, 1]);
    expect([commit.author?.login, commit.committer]).toEqual(["wes", null]);
    expect([pulls.map((pull) => pull.number), unknown.status]).toEqual([[number], 422]);
    expectNoViolations(stand);
  });

  test("rules hold for the branches that they name", async () => {
    const stand = await aStand();
    const { bot, repo, github, fullName } = stand;
    github.addRuleset(
      fullName,
      ["main"],
      [
        { type: "non_fast_forward" },
        {
          type: "required_status_checks",
          parameters: {
            required_status_checks: [{ context: "skein/review" }],
            strict_required_status_checks_policy: false,
          },
        },
      ],
    );

    const { data: rules } = await bot.rest.repos.getBranchRules({ ...repo, branch: "main" });
    const { data: none } = await bot.rest.repos.getBranchRules({ ...repo, branch: "topic" });
    const { data: sets } = await bot.rest.repos.getRepoRulesets(repo);
    const { data: set } = await bot.rest.repos.getRepoRuleset({
      ...repo,
      ruleset_id: sets[0]?.id ?? 0,
    });

    expect(rules.map(({ type }) => type)).toEqual(["non_fast_forward", "required_status_checks"]);
    expect([none, set.rules?.length]).toEqual([[], 2]);
    expectNoViolations(stand);
  });

  test("issues and pull requests are found by words and qualifiers, where the caller may look", async () => {
    const stand = await aStand();
    const { github, fullName } = stand;
    await github.addRepository({ fullName: "ada/secret", isPrivate: true });
    github.openIssue("ada/secret", { title: "Turn the wheel", author: "ada" });
    github.openIssue(fullName, { title: "Turn the wheel", author: "ada", labels: ["skein:plan"] });
    github.openIssue(fullName, { title: "Something else", author: "wes" });
    const search = async (q: string): Promise<readonly number[]> => {
      const { data } = await stand.writer.rest.search.issuesAndPullRequests({ q });
      return data.items.map(({ number }) => number);
    };

    expect(await search("wheel")).toEqual([1]);
    expect(await search('repo:ada/engine is:issue is:open label:"skein:plan"')).toEqual([1]);
    expect(await search("repo:ada/engine -author:ada")).toEqual([2]);
    expect((await refusal(search("mood:good"))).status).toBe(422);
    expectNoViolations(stand);
  });

  test("people, apps and installations show themselves", async () => {
    const stand = await aStand();
    const { writer, bot, repo } = stand;

    const { data: self } = await writer.rest.users.getAuthenticated();
    const { data: other } = await writer.rest.users.getByUsername({ username: "skein[bot]" });
    const byBot = await refusal(bot.rest.users.getAuthenticated());
    const byPerson = await refusal(writer.rest.apps.getAuthenticated());
    const { data: repository } = await bot.rest.repos.get(repo);

    expect([self.login, other.type, repository.default_branch]).toEqual(["wes", "Bot", "main"]);
    expect([byBot.status, byPerson.status]).toEqual([403, 401]);
    expectNoViolations(stand);
  });
});
