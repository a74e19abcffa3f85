import { describe, expect, test } from "vitest";
import { systemRandom } from "../../../src/adapters/process/clock.ts";
import { createPullReviews } from "../../../src/core/pull-reviews/index.ts";
import type { PullReviews, ReviewPolicy } from "../../../src/core/pull-reviews/index.ts";
import { maxMarkerChars, readMarker } from "../../../src/core/hosting/index.ts";
import { parseState, spentOf } from "../../../src/core/pull-reviews/state.ts";
import {
  aBoard,
  aPull,
  grace,
  pullHost,
  publicationIn,
  skeinBot,
} from "../../support/pull-host.ts";
import type { PullBoard } from "../../support/pull-host.ts";
import { createRandom } from "../../support/planted-random.ts";
import { aPolicy } from "../../support/pull-policy.ts";
import { aFile, aFinding, aResult } from "../../support/review.ts";

const idle = new AbortController().signal;
const opened = { kind: "opened" } as const;
const pushed = { kind: "pushed" } as const;
const cap = 1_000_000;

/** A head and the branch that it was compared with, as one word. */
type Pair = string;

interface Stand {
  readonly board: PullBoard;
  /** What was really reviewed. */
  readonly reviewed: Set<Pair>;
  readonly reviews: PullReviews;
  /** What all reviews cost. */
  readonly spent: () => number;
}

/** Reviews whose models find one thing, or nothing where `isClean`. */
function aStand(policy: Partial<ReviewPolicy> = {}, isClean = true): Stand {
  const board = aBoard();
  const reviewed = new Set<Pair>();
  let spent = 0;
  const reviews = createPullReviews({
    host: pullHost(board),
    policy: aPolicy(policy),
    sign: null,
    random: systemRandom,
    review: async ({ pull, spentBefore, onPhase }) => {
      await onPhase();
      await new Promise(setImmediate);
      reviewed.add(`${pull.head.sha} ${pull.base.branch}`);
      const microUsd = Math.min(300_000, Math.max(0, cap - spentBefore));
      spent += microUsd;
      const findings = isClean ? [] : [aFinding()];
      const verdict = isClean ? "pass" : "changes";
      const found = aResult({ findings, verdict, head: pull.head.sha });
      const result = { ...found, cost: { ...found.cost, microUsd } };
      return { result, files: [aFile()], mode: "full" };
    },
    learn: null,
    refuse: null,
  });
  return { board, reviewed, reviews, spent: () => spent };
}

function pushHead(board: PullBoard, index: number): void {
  const sha = index.toString(16).padStart(40, "0");
  board.pull = { ...board.pull, head: { ...board.pull.head, sha } };
}

function retarget(board: PullBoard, branch: string): void {
  const sha = branch === "main" ? "b".repeat(40) : "9".repeat(40);
  board.pull = { ...board.pull, base: { ...board.pull.base, branch, sha } };
}

/** Every comment and every check that says something about a head, of which it must have been reviewed. */
function expectOnlyReviewed({ board, reviewed }: Stand, label: string): void {
  const heads = new Set([...reviewed].map((pair) => pair.split(" ")[0]));
  const said = [
    ...board.reviews.map(({ headSha }) => headSha),
    ...board.checks
      .filter(({ conclusion }) => conclusion === "success" || conclusion === "neutral")
      .map(({ headSha }) => headSha),
  ];
  expect(
    said.filter((sha) => !heads.has(sha)),
    label,
  ).toEqual([]);
}

describe("a head that moves while it is reviewed", () => {
  test("at any call leaves no comment and no good check on a head that was not read", async () => {
    const calm = aStand({}, false);
    await calm.reviews.run(12, opened, idle);

    for (let at = 1; at <= calm.board.calls.length; at += 1) {
      const stand = aStand({}, false);
      const { board, reviews } = stand;
      board.onCall = (number) => {
        if (number === at) {
          pushHead(board, 0xd);
        }
      };
      await reviews.run(12, opened, idle);
      expectOnlyReviewed(stand, `call ${String(at)}`);

      await reviews.run(12, pushed, idle);

      expectOnlyReviewed(stand, `after call ${String(at)}`);
      const last = board.checks.findLast(({ headSha }) => headSha === board.pull.head.sha);
      expect(last?.conclusion, `call ${String(at)}`).toBe("neutral");
      expect(board.comments).toHaveLength(1);
    }
  });

  test("in 1,000 random races never has a verdict that is not its own", async () => {
    const random = createRandom(28);
    for (let round = 0; round < 1_000; round += 1) {
      const stand = aStand({ failOn: ["high"] }, random.number(2) === 0);
      const { board, reviews } = stand;
      let head = round + 1;
      board.onCall = () => {
        if (random.number(8) === 0) {
          pushHead(board, (head += 1));
        }
      };
      for (let run = 0; run < 3; run += 1) {
        await reviews.run(12, run === 0 ? opened : pushed, idle);
      }
      expectOnlyReviewed(stand, `round ${String(round)}`);
      expect(board.comments.length).toBeLessThanOrEqual(1);
    }
  });
});

describe("a base that moves while a head is reviewed", () => {
  test("at any call leaves no good check for a branch that the head was not compared with", async () => {
    const calm = aStand();
    await calm.reviews.run(12, opened, idle);

    for (const on of ["pushes", "opened"] as const) {
      for (let at = 1; at <= calm.board.calls.length; at += 1) {
        const stand = aStand({ on });
        const { board, reviews, reviewed } = stand;
        board.onCall = (number) => {
          if (number === at) {
            retarget(board, "release");
          }
        };
        await reviews.run(12, opened, idle);
        board.onCall = () => undefined;
        // GitHub tells of the new base with an event of its own.
        await reviews.run(12, pushed, idle);

        const { head, base } = board.pull;
        const last = board.checks.findLast(({ headSha }) => headSha === head.sha);
        const isOwn = reviewed.has(`${head.sha} ${base.branch}`);
        expect(last?.conclusion === "success", `${on}, call ${String(at)}`).toBe(isOwn);
      }
    }
  });

  test("voids what another job thought about another branch", async () => {
    const { board, reviews } = aStand({}, false);
    const publication = publicationIn(await reviews.think(await reviews.collect(12, opened), idle));
    retarget(board, "release");

    const outcome = await reviews.publish(await reviews.collect(12, opened), publication, null);

    expect(outcome).toMatchObject({ kind: "superseded" });
    expect(board.reviews).toEqual([]);
    expect(await reviews.run(12, pushed, idle)).toMatchObject({ kind: "published" });
  });

  test("takes a bad check from no head, whatever it is to go into next", async () => {
    const { board, reviews } = aStand({ on: "opened", failOn: ["high"] }, false);
    await reviews.run(12, opened, idle);
    retarget(board, "release");

    await reviews.run(12, pushed, idle);

    expect(board.checks.at(-1)).toMatchObject({ conclusion: "failure" });
  });
});

describe("a flood of pushes", () => {
  test("costs no more than the pull request may, and makes one comment", async () => {
    const { board, reviews, spent } = aStand({ pullRequestLimit: cap, runLimit: 500_000 }, false);
    await reviews.run(12, opened, idle);

    for (let push = 1; push <= 1_000; push += 1) {
      pushHead(board, push);
      await reviews.run(12, pushed, idle);
    }

    expect(spent()).toBe(cap);
    expect(board.comments).toHaveLength(1);
    expect(board.reviews).toHaveLength(1);
    const reading = readMarker(board.comments, skeinBot, {
      kind: "review",
      subject: "acme/shop#12",
      sign: null,
    });
    const state = reading.kind === "state" ? parseState(reading.state) : null;
    expect(state === null ? null : spentOf(state)).toBe(cap);
  });

  test("never makes a required review look passed", async () => {
    const { board, reviews } = aStand({
      pullRequestLimit: cap,
      runLimit: 500_000,
      required: true,
    });
    for (let push = 1; push <= 10; push += 1) {
      pushHead(board, push);
      await reviews.run(12, pushed, idle);
    }

    expect(board.checks.at(-1)).toMatchObject({
      headSha: board.pull.head.sha,
      conclusion: "failure",
    });
  });
});

describe("what others do while models are asked", () => {
  test("keeps a pause, and the money of another run", async () => {
    const stand = aStand({ pullRequestLimit: cap }, false);
    const { board, reviews } = stand;
    const asked = {
      kind: "asked",
      ask: { by: grace, permission: "write", isFull: true, preset: null, sha: null },
    } as const;
    let isFirst = true;
    const slow = createPullReviews({
      host: pullHost(board),
      policy: aPolicy({ pullRequestLimit: cap }),
      sign: null,
      random: systemRandom,
      review: async ({ pull }) => {
        if (isFirst) {
          isFirst = false;
          await reviews.run(12, asked, idle);
          await reviews.pause(12, true);
        }
        const found = aResult({ findings: [], verdict: "pass", head: pull.head.sha });
        const result = { ...found, cost: { ...found.cost, microUsd: 50_000 } };
        return { result, files: [aFile()], mode: "full" };
      },
      learn: null,
      refuse: null,
    });

    await slow.run(12, opened, idle);

    expect(await reviews.status(12)).toMatchObject({
      isPaused: true,
      spent: stand.spent() + 50_000,
    });
    expect(board.comments).toHaveLength(1);
  });
});

describe("what is lost between two runs", () => {
  test("makes no comment twice when somebody deletes the summary", async () => {
    const { board, reviews } = aStand({}, false);
    await reviews.run(12, opened, idle);
    board.comments = [];
    pushHead(board, 0xd);

    await reviews.run(12, pushed, idle);

    expect(board.threads).toHaveLength(1);
    expect(board.comments).toHaveLength(1);
  });

  test("makes no comment twice when the job that publishes fails at any call", async () => {
    const calm = aStand({}, false);
    const thought = publicationIn(
      await calm.reviews.think(await calm.reviews.collect(12, opened), idle),
    );
    calm.board.calls = [];
    await calm.reviews.publish(await calm.reviews.collect(12, opened), thought, null);

    for (let failAt = 1; failAt <= calm.board.calls.length; failAt += 1) {
      const { board, reviews } = aStand({}, false);
      const publication = publicationIn(
        await reviews.think(await reviews.collect(12, opened), idle),
      );
      board.calls = [];
      board.failAt = failAt;
      const publish = async (): Promise<unknown> =>
        reviews.publish(await reviews.collect(12, opened), publication, null);
      await expect(publish()).rejects.toMatchObject({ code: "SKN-7651" });

      await publish();

      expect(board.threads, `call ${String(failAt)}`).toHaveLength(1);
      expect(board.comments, `call ${String(failAt)}`).toHaveLength(1);
      expect(board.checks.at(-1)).toMatchObject({ conclusion: "neutral" });
    }
  });

  test("keeps a state that is read again, however alike its findings are", async () => {
    const { board } = aStand();
    const path = `src/${"a".repeat(900)}.ts`;
    const findings = Array.from({ length: 500 }, (_, index) =>
      aFinding({
        fingerprint: index.toString(16).padStart(32, "0"),
        path,
        title: "x".repeat(120),
        quoted: "y".repeat(200),
      }),
    );
    const reviews = createPullReviews({
      host: pullHost(board),
      policy: aPolicy(),
      sign: null,
      random: systemRandom,
      review: async ({ pull }) =>
        Promise.resolve({
          result: aResult({ findings, head: pull.head.sha }),
          files: [aFile({ path })],
          mode: "full",
        }),
      learn: null,
      refuse: null,
    });
    await reviews.run(12, opened, idle);

    expect(board.comments[0]?.body.length).toBeLessThan(maxMarkerChars + 44_000);
    expect(await reviews.status(12)).toMatchObject({ lastReviewed: aPull().head.sha });
  });
});
