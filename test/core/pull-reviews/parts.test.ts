import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anchorOf } from "../../../src/core/pull-reviews/anchors.ts";
import { commentOf, planComments, printOf } from "../../../src/core/pull-reviews/comments.ts";
import { conclusionOf } from "../../../src/core/pull-reviews/conclusion.ts";
import {
  findingOf,
  fitted,
  freshState,
  keptOf,
  parseState,
  spentOf,
  withoutRun,
  withReview,
  withRun,
} from "../../../src/core/pull-reviews/state.ts";
import {
  judgesOf,
  ownThreads,
  threadsToResolve,
  toldBy,
} from "../../../src/core/pull-reviews/threads.ts";
import { fitsMarker } from "../../../src/core/hosting/index.ts";
import { severities } from "../../../src/core/review/index.ts";
import { aThread, grace, skeinBot, stranger } from "../../support/pull-host.ts";
import { aPolicy } from "../../support/pull-policy.ts";
import { aFile, aFinding, aHunk } from "../../support/review.ts";

const print = "f".repeat(16);
const unsigned = { sign: null, subject: "acme/shop#12" } as const;
const body = `Something.\n\nSkein finding \`${print}\`. Resolve the thread to decline it.`;

describe("anchorOf", () => {
  const file = aFile({ hunks: [aHunk(1, [" one", "+two"]), aHunk(40, ["+x", "+y"])] });

  test("stands on a line of the new side", () => {
    expect(anchorOf(aFinding({ line: 2, endLine: 2 }), [file])).toEqual({
      kind: "line",
      path: "src/a.ts",
      side: "new",
      line: 2,
      startLine: null,
    });
  });

  test("spans lines of one hunk, and only its first line where it leaves the hunk", () => {
    expect(anchorOf(aFinding({ line: 40, endLine: 41 }), [file])).toMatchObject({
      line: 41,
      startLine: 40,
    });
    expect(anchorOf(aFinding({ line: 2, endLine: 41 }), [file])).toMatchObject({
      line: 2,
      startLine: null,
    });
  });

  test("stands on the old side of a file that is gone", () => {
    const gone = aFile({ kind: "deleted", hunks: [aHunk(1, ["-one", "-two"])] });

    expect(anchorOf(aFinding({ line: 2, endLine: 2 }), [gone])).toMatchObject({ side: "old" });
  });

  test("falls back to the file, then to the summary", () => {
    expect(anchorOf(aFinding({ line: 20, endLine: 20 }), [file])).toMatchObject({ kind: "file" });
    expect(anchorOf(aFinding({ placement: "file" }), [file])).toMatchObject({ kind: "file" });
    expect(anchorOf(aFinding({ placement: "summary" }), [file])).toBeNull();
    expect(anchorOf(aFinding({ path: "other.ts" }), [file])).toBeNull();
  });
});

describe("planComments", () => {
  const anchor = {
    kind: "line",
    path: "src/a.ts",
    side: "new",
    line: 2,
    startLine: null,
  } as const;
  const findings = severities.toReversed().map((severity, index) => ({
    finding: aFinding({ severity, fingerprint: String(index).repeat(32) }),
    anchor,
  }));

  test("takes the worst first, and tells why each other has no comment", () => {
    const plan = planComments(findings, { maxComments: 1, severityFloor: "high" }, new Set());

    expect(plan.comments.map(({ finding }) => finding.severity)).toEqual(["critical"]);
    expect(plan.demoted.map(({ why }) => why)).toEqual([
      "the most comments of one review are made",
      "it is milder than high",
      "it is milder than high",
    ]);
  });

  test("never makes more than 30, whatever is asked for", () => {
    const many = Array.from({ length: 50 }, (_, index) => ({
      finding: aFinding({ fingerprint: index.toString(16).padStart(32, "0") }),
      anchor,
    }));
    const spread = many.map((each, index) => ({
      ...each,
      finding: aFinding({
        fingerprint: `${index.toString(16).padStart(16, "0")}${"0".repeat(16)}`,
      }),
    }));

    expect(
      planComments(spread, { maxComments: 99, severityFloor: "low" }, new Set()).comments,
    ).toHaveLength(30);
  });

  test("makes at most 3 comments on whole files, which cost a call each", () => {
    const onFiles = Array.from({ length: 5 }, (_, index) => ({
      finding: aFinding({ fingerprint: String(index).repeat(32) }),
      anchor: { kind: "file", path: "src/a.ts" } as const,
    }));

    expect(planComments(onFiles, aPolicy(), new Set()).comments).toHaveLength(3);
  });

  test("comments on a finding once in the life of the pull request", () => {
    const [first] = findings;
    const comment = commentOf(first ?? { finding: aFinding(), anchor }, unsigned);
    const shown = new Set([printOf(comment?.body ?? "", unsigned) ?? ""]);

    const plan = planComments(findings, aPolicy(), shown);

    expect(plan.comments).toHaveLength(3);
    expect(plan.demoted.map(({ why }) => why)).toEqual(["it has a thread already"]);
  });
});

describe("conclusionOf", () => {
  const critical = aFinding({ severity: "critical" });

  test.each([
    ["a pass", "pass", [], {}, "success"],
    ["changes, by default", "changes", [critical], {}, "neutral"],
    ["a chosen severity", "changes", [critical], { failOn: ["critical"] }, "failure"],
    [
      "a milder one",
      "changes",
      [aFinding({ severity: "low" })],
      { failOn: ["critical"] },
      "neutral",
    ],
    [
      "advice of a chosen severity",
      "pass",
      [aFinding({ severity: "critical", decision: "advisory" })],
      { failOn: ["critical"] },
      "success",
    ],
    [
      "what one family says",
      "changes",
      [aFinding({ severity: "critical", decision: "single-family" })],
      { failOn: ["critical"] },
      "neutral",
    ],
    ["an incomplete review", "incomplete", [], {}, "neutral"],
    ["an incomplete one that is required", "incomplete", [], { required: true }, "failure"],
  ] as const)("ends %s", (...[, verdict, findings, policy, conclusion]) => {
    expect(conclusionOf({ verdict, findings }, aPolicy(policy))).toBe(conclusion);
  });
});

describe("PullState", () => {
  const reviewed = { base: "b".repeat(40), into: "main", head: "c".repeat(40) };
  const options = { kind: "review", subject: "acme/shop#12", sign: null } as const;

  test("counts a run of unknown end at its whole budget, and a settled one at its cost", () => {
    const run = { id: "r1", head: "c".repeat(40), micro_usd: 500_000 };
    const begun = withRun({ ...freshState, spent_micro_usd: 100 }, run);

    expect(spentOf(begun)).toBe(500_100);
    expect(spentOf(withoutRun(begun, "r1", 42))).toBe(142);
  });

  test("never forgets money, however many runs die", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { maxLength: 120 }), (costs) => {
        const state = costs.reduce(
          (all, cost, index) =>
            withRun(all, { id: String(index), head: "c".repeat(40), micro_usd: cost }),
          freshState,
        );

        expect(spentOf(state)).toBe(costs.reduce((sum, cost) => sum + cost, 0));
        expect(parseState(state)).toEqual(state);
      }),
    );
  });

  test("fits its comment by dropping the mildest, never what was declined", () => {
    const findings = Array.from({ length: 300 }, (_, index) =>
      keptOf(
        aFinding({
          quoted: random(),
          title: random(),
          severity: severities[index % 4] ?? "low",
          state: index % 60 === 0 ? "declined" : "open",
        }),
      ),
    );

    const state = fitted({ ...freshState, findings }, options);

    expect(fitsMarker(state, options)).toBe(true);
    expect(state.findings.length).toBeGreaterThan(10);
    expect(state.findings.filter((finding) => finding.state === "declined")).toHaveLength(5);
    expect(state.findings.at(-1)?.severity).not.toBe("low");
  });

  test("keeps no more findings than are read again, what was declined before all others", () => {
    const findings = Array.from({ length: 700 }, (_, index) =>
      keptOf(
        aFinding({
          fingerprint: index.toString(16).padStart(16, "0"),
          state: index < 600 ? "open" : "declined",
        }),
      ),
    );

    const state = fitted(withReview(freshState, { ...reviewed, findings }), options);

    expect(parseState(state)).toEqual(state);
    expect(state.findings.filter((finding) => finding.state === "declined")).toHaveLength(100);
    expect(parseState(fitted({ ...freshState, findings }, options))).not.toBeNull();
  });

  test("knows a kept finding again by its path, category and longest line", () => {
    const finding = aFinding({ quoted: "a\n  const total = sum(prices);\nb", state: "open" });

    expect(findingOf(keptOf(finding))).toMatchObject({
      fingerprint: finding.fingerprint,
      path: finding.path,
      category: finding.category,
      quoted: "const total = sum(prices);",
      state: "open",
    });
  });

  test.each(["published", "advisory", "single-family"] as const)(
    "keeps that a finding is %s: advice must not fail the check of a later head",
    (decision) => {
      const kept = keptOf(aFinding({ decision }));
      const { decision: told, ...old } = kept;

      expect(told).toBe(decision);
      expect(findingOf(kept)).toMatchObject({ decision });
      expect(parseState({ ...freshState, findings: [old] })?.findings).toMatchObject([
        { decision: "published" },
      ]);
    },
  );

  test.each([null, {}, { ...freshState, spent_micro_usd: -1 }, { ...freshState, extra: 1 }])(
    "takes nothing else for a state: %j",
    (value) => {
      expect(parseState(value)).toBeNull();
    },
  );
});

describe("threads", () => {
  test("are ours only where our account began them", () => {
    const [comment] = aThread(body).comments;
    const stolen = comment === undefined ? [] : [{ ...comment, author: stranger }];

    expect(own()).toHaveLength(1);
    expect(own({ comments: stolen })).toEqual([]);
    expect(ownThreads([aThread("no mark")], skeinBot, unsigned)).toEqual([]);
  });

  test.each([
    ["resolved where the lines stand", { isResolved: true, resolvedBy: grace }, "dismissed"],
    [
      "resolved where the lines are gone",
      { isResolved: true, resolvedBy: grace, isOutdated: true },
      "resolved",
    ],
  ] as const)("tell what became of a finding when %s", (_how, thread, outcome) => {
    expect(toldBy(own(thread), permissionOf)).toEqual([{ print, outcome, by: grace }]);
  });

  test.each([
    ["a stranger resolved it", { isResolved: true, resolvedBy: stranger }],
    ["we resolved it", { isResolved: true, resolvedBy: skeinBot }],
    ["nobody did anything", {}],
  ])("tell nothing when %s", (_how, thread) => {
    expect(toldBy(own(thread), permissionOf)).toEqual([]);
  });

  test("tell that a finding was declined by a thumb of who may write, not of strangers", () => {
    const [comment] = aThread(body).comments;
    const thumbs = (users: readonly (typeof grace)[]): ReturnType<typeof ownThreads> =>
      own({
        comments: comment === undefined ? [] : [{ ...comment, reactions: { up: [], down: users } }],
      });

    expect(toldBy(thumbs([stranger]), permissionOf)).toEqual([]);
    expect(toldBy(thumbs([stranger, grace]), permissionOf)).toMatchObject([
      { outcome: "dismissed", by: grace },
    ]);
  });

  test("are judged by those who resolved them before all who put thumbs", () => {
    const [comment] = aThread(body).comments;
    const crowd = Array.from({ length: 20 }, (_, at) => ({ ...stranger, id: 100 + at }));
    const thumbed =
      comment === undefined ? [] : [{ ...comment, reactions: { up: [], down: crowd } }];
    const threads = [
      ...own({ comments: thumbed }),
      ...own({ isResolved: true, resolvedBy: grace }),
    ];

    expect(judgesOf(threads, skeinBot)[0]).toEqual(grace);
    expect(judgesOf(threads, skeinBot)).toHaveLength(21);
  });

  test("are closed when their finding is over and nobody else wrote in them", () => {
    const facts = { live: new Set<string>(), fixed: new Set([print]), self: skeinBot };
    const [comment] = aThread(body).comments;
    const answered = comment === undefined ? [] : [comment, { ...comment, author: grace }];

    expect(threadsToResolve(own(), facts)).toHaveLength(1);
    expect(threadsToResolve(own({ comments: answered }), facts)).toEqual([]);
    expect(threadsToResolve(own({ isResolved: true }), facts)).toEqual([]);
    expect(threadsToResolve(own(), { ...facts, fixed: new Set() })).toEqual([]);
    expect(
      threadsToResolve(own({ isOutdated: true }), {
        ...facts,
        fixed: new Set(),
        live: new Set([print]),
      }),
    ).toEqual([]);
  });
});

function own(thread: Parameters<typeof aThread>[1] = {}): ReturnType<typeof ownThreads> {
  return ownThreads([aThread(body, thread)], skeinBot, unsigned);
}

function permissionOf({ login }: { readonly login: string }): "write" | "none" {
  return login === "grace" ? "write" : "none";
}

/** Text that no packing makes shorter. */
function random(): string {
  return randomBytes(100).toString("hex");
}
