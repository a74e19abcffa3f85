import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Claim } from "../../../src/core/dispatch/index.ts";
import {
  evaluate,
  ledgerText,
  parseLedger,
  readPublication,
} from "../../../src/core/rules/index.ts";
import type { Publication } from "../../../src/core/rules/index.ts";
import { callerNamed, createCoordinatedRepository } from "../../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../../support/coordinated-repository.ts";
import { aCommit, aFile, aPolicy, aRule, aSnapshot, dayMs, marked } from "../../support/rules.ts";
import { known } from "../../../src/core/rules/index.ts";

let repository: CoordinatedRepository;

beforeEach(async () => {
  repository = await createCoordinatedRepository();
  await repository.plan(
    [
      "plan: prices",
      "title: Rework the prices",
      "verify: merge",
      "tasks:",
      "  - id: T1",
      "    title: Extract the price rules",
      '    files: ["src/**"]',
    ].join("\n"),
  );
});

afterEach(async () => {
  await repository.remove();
});

function read(): Promise<Publication> {
  return readPublication(repository.project.skein, {
    publisher: "ada_clone",
    repository: null,
    caseInsensitive: false,
  });
}

async function claimed(externalId: string): Promise<Claim> {
  const claim = await repository.next(externalId);
  if (claim === null) {
    throw new Error("no claim");
  }
  return claim;
}

async function finish(
  externalId: string,
  { fence }: Claim,
  outcome: "submitted" | "released",
): Promise<void> {
  await repository.project.skein.dispatch.finishTask({
    caller: callerNamed(externalId),
    task: "prices/T1",
    fence,
    outcome,
    summary: "Done.",
    cause: null,
    commit: outcome === "submitted" ? repository.git(repository.root, "rev-parse", "HEAD") : null,
    usage: [],
    claimNext: false,
    key: null,
  });
}

/** What the rules say of a commit under a fence that changes a file of the task. */
function verdictOn(publication: Publication, fence: number): readonly string[] {
  const policy = aPolicy([
    aRule({ kind: "leases", maxAgeMs: dayMs }),
    aRule({ kind: "fences", maxAgeMs: dayMs }),
  ]);
  const commits = known([aCommit({ message: marked("prices/T1", fence), paths: ["src/a.ts"] })]);
  const snapshot = aSnapshot({
    commits,
    files: known([aFile("src/a.ts")]),
    ledger: known({ source: "live", publications: [publication] }),
    nowMs: publication.publishedAtMs,
  });
  return evaluate(policy, snapshot).rows.map(({ result }) => result);
}

describe("readPublication", () => {
  test("tells of a claim its leases, fence and scope, what its session leased beyond them, and no more", async () => {
    const { fence } = await claimed("claude:ada");
    await repository.claim("claude:ada", ["docs/"]);
    const publication = await read();

    expect(publication.leases).toMatchObject([
      {
        session: "s1",
        task: "prices/T1",
        fence,
        mode: "exclusive",
        isLanding: false,
        patterns: [{ kind: "glob", text: "src/**" }],
      },
      {
        session: "s1",
        task: null,
        reason: "rework the prices",
        patterns: [{ kind: "dir", text: "docs" }],
      },
    ]);
    expect(publication.tasks).toMatchObject([
      { task: "prices/T1", state: "claimed", fence, session: "s1", accepted: [] },
    ]);
    expect(publication.tasks[0]?.scope).toEqual(
      expect.arrayContaining([
        { kind: "glob", text: "src/**" },
        { kind: "dir", text: "docs" },
      ]),
    );
    expect(publication.headSeq).toBeGreaterThanOrEqual(fence);
    expect(
      parseLedger(ledgerText({ source: "published", publications: [publication] })).publications,
    ).toEqual([publication]);
  });

  test("lets the holder's commits pass, while it works and after it handed in", async () => {
    const claim = await claimed("claude:ada");
    expect(verdictOn(await read(), claim.fence)).toEqual(["pass", "pass"]);
    await finish("claude:ada", claim, "submitted");
    const landing = await read();

    expect(landing.leases).toMatchObject([{ isLanding: true, untilMs: null }]);
    expect(verdictOn(landing, claim.fence)).toEqual(["pass", "pass"]);
    expect(verdictOn(landing, 1)).toEqual(["fail", "fail"]);
  });

  test("finds a fence stale once the task went on to another session", async () => {
    const first = await claimed("claude:ada");
    await finish("claude:ada", first, "released");
    expect(verdictOn(await read(), first.fence)).toEqual(["pass", "fail"]);
    const second = await claimed("codex:grace");

    expect(verdictOn(await read(), first.fence)).toEqual(["fail", "fail"]);
    expect(verdictOn(await read(), second.fence)).toEqual(["pass", "pass"]);
  });

  test("says nothing of tasks that nobody began", async () => {
    expect(await read()).toMatchObject({ leases: [], tasks: [], omitted: 0 });
  });
});
