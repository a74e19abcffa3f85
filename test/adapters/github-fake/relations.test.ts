import { describe, expect, test } from "vitest";
import { aStand, expectNoViolations, refusal } from "./stand.ts";
import type { Stand } from "./stand.ts";
import type { Issue } from "../../support/github/state.ts";

function issues({ github, fullName }: Stand, count: number): readonly Issue[] {
  return Array.from({ length: count }, (_, at) =>
    github.openIssue(fullName, { title: `Part ${String(at + 1)}`, author: "ada" }),
  );
}

function nth(all: readonly Issue[], index: number): Issue {
  const issue = all[index];
  if (issue === undefined) {
    throw new Error("The test has no such issue.");
  }
  return issue;
}

describe("sub-issues of the fake GitHub", () => {
  test("a child is added by its database id; its number is nobody's id", async () => {
    const stand = await aStand();
    const { bot, repo } = stand;
    const all = issues(stand, 2);
    const target = { ...repo, issue_number: nth(all, 0).number };

    const byNumber = await refusal(
      bot.rest.issues.addSubIssue({ ...target, sub_issue_id: nth(all, 1).number }),
    );
    await bot.rest.issues.addSubIssue({ ...target, sub_issue_id: nth(all, 1).id });
    const { data: children } = await bot.rest.issues.listSubIssues(target);
    const { data: parent } = await bot.rest.issues.getParent({
      ...repo,
      issue_number: nth(all, 1).number,
    });

    expect(byNumber.status).toBe(404);
    expect(children.map(({ id }) => id)).toEqual([nth(all, 1).id]);
    expect([parent.number, parent.sub_issues_summary?.total]).toEqual([nth(all, 0).number, 1]);
    expectNoViolations(stand);
  });

  test("a child of another parent moves only when the call says so", async () => {
    const stand = await aStand();
    const { bot, repo } = stand;
    const all = issues(stand, 3);
    stand.github.addSubIssue(stand.fullName, 1, 3);
    const move = { ...repo, issue_number: 2, sub_issue_id: nth(all, 2).id };

    const refused = await refusal(bot.rest.issues.addSubIssue(move));
    await bot.rest.issues.addSubIssue({ ...move, replace_parent: true });
    const { data: left } = await bot.rest.issues.listSubIssues({ ...repo, issue_number: 1 });

    expect([refused.status, left]).toEqual([422, []]);
    expect(refused.text).toContain("only have one parent");
    expectNoViolations(stand);
  });

  test("a parent has at most 100 children, and closed ones count", async () => {
    const stand = await aStand();
    const all = issues(stand, 102);
    for (const child of all.slice(1, 101)) {
      stand.github.addSubIssue(stand.fullName, 1, child.number);
      stand.github.closeIssue(stand.fullName, child.number);
    }

    const refused = await refusal(
      stand.bot.rest.issues.addSubIssue({
        ...stand.repo,
        issue_number: 1,
        sub_issue_id: nth(all, 101).id,
      }),
    );

    expect(refused.status).toBe(422);
    expect(refused.text).toContain("more than 100 sub-issues");
    expectNoViolations(stand);
  });

  test("children nest eight levels deep and never in a circle", async () => {
    const stand = await aStand();
    const all = issues(stand, 10);
    for (let parent = 1; parent <= 8; parent += 1) {
      stand.github.addSubIssue(stand.fullName, parent, parent + 1);
    }

    const tooDeep = await refusal(
      stand.bot.rest.issues.addSubIssue({
        ...stand.repo,
        issue_number: 9,
        sub_issue_id: nth(all, 9).id,
      }),
    );
    const circle = await refusal(
      stand.bot.rest.issues.addSubIssue({
        ...stand.repo,
        issue_number: 3,
        sub_issue_id: nth(all, 0).id,
      }),
    );

    expect([tooDeep.status, circle.status]).toEqual([422, 422]);
    expect(tooDeep.text).toContain("8 levels");
    expect(circle.text).toContain("circular");
    expectNoViolations(stand);
  });

  test("children keep an order that can be changed, and can be taken away", async () => {
    const stand = await aStand();
    const { bot, repo } = stand;
    const all = issues(stand, 4);
    for (const child of [2, 3, 4]) {
      stand.github.addSubIssue(stand.fullName, 1, child);
    }
    const target = { ...repo, issue_number: 1 };

    await bot.rest.issues.reprioritizeSubIssue({
      ...target,
      sub_issue_id: nth(all, 3).id,
      before_id: nth(all, 1).id,
    });
    await bot.rest.issues.removeSubIssue({ ...target, sub_issue_id: nth(all, 2).id });
    const { data: children } = await bot.rest.issues.listSubIssues(target);

    expect(children.map(({ number }) => number)).toEqual([4, 2]);
    expectNoViolations(stand);
  });

  test("a server without the features answers 404", async () => {
    const stand = await aStand({ features: { subIssues: false, dependencies: false } });
    issues(stand, 1);
    const target = { ...stand.repo, issue_number: 1 };

    const children = await refusal(stand.bot.rest.issues.listSubIssues(target));
    const blockers = await refusal(stand.bot.rest.issues.listDependenciesBlockedBy(target));

    expect([children.status, blockers.status]).toEqual([404, 404]);
    expectNoViolations(stand);
  });
});

describe("dependencies of the fake GitHub", () => {
  test("a blocker is added by its database id, seen from both sides, and removed", async () => {
    const stand = await aStand();
    const { bot, repo } = stand;
    const all = issues(stand, 2);
    const target = { ...repo, issue_number: 2 };

    const byNumber = await refusal(
      bot.rest.issues.addBlockedByDependency({ ...target, issue_id: nth(all, 0).number }),
    );
    await bot.rest.issues.addBlockedByDependency({ ...target, issue_id: nth(all, 0).id });
    const twice = await refusal(
      bot.rest.issues.addBlockedByDependency({ ...target, issue_id: nth(all, 0).id }),
    );
    const { data: blockedBy } = await bot.rest.issues.listDependenciesBlockedBy(target);
    const { data: blocking } = await bot.rest.issues.listDependenciesBlocking({
      ...repo,
      issue_number: 1,
    });
    await bot.rest.issues.removeDependencyBlockedBy({ ...target, issue_id: nth(all, 0).id });
    const { data: left } = await bot.rest.issues.listDependenciesBlockedBy(target);

    expect([byNumber.status, twice.status]).toEqual([404, 422]);
    expect([blockedBy.map(({ number }) => number), blocking.map(({ number }) => number)]).toEqual([
      [1],
      [2],
    ]);
    expect(left).toEqual([]);
    expectNoViolations(stand);
  });

  test("a circle of blockers, the issue itself and the fifty-first blocker are refused", async () => {
    const stand = await aStand();
    const { bot, repo } = stand;
    const all = issues(stand, 53);
    const block = async (number: number, blocker: number): Promise<unknown> =>
      bot.rest.issues.addBlockedByDependency({
        ...repo,
        issue_number: number,
        issue_id: nth(all, blocker - 1).id,
      });
    await block(2, 1);
    await block(3, 2);

    const circle = await refusal(block(1, 3));
    const itself = await refusal(block(1, 1));
    for (let blocker = 4; blocker <= 52; blocker += 1) {
      await block(3, blocker);
    }
    const tooMany = await refusal(block(3, 53));

    expect([circle.status, itself.status, tooMany.status]).toEqual([422, 422, 422]);
    expect(circle.text).toContain("cycle");
    expectNoViolations(stand);
  });
});
