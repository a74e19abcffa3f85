import { expect, test } from "vitest";
import { createEvents, eventsMigration } from "../../src/core/events/index.ts";
import { createTokens } from "../../src/core/models/index.ts";
import { createReviews, reviewMigration } from "../../src/core/review/index.ts";
import type { ChangedFile, Outcome, ReviewResult } from "../../src/core/review/index.ts";
import { createReviewing } from "../../src/core/review/reviewing.ts";
import { createManualTimer } from "../support/manual-timer.ts";
import { aChange, aFile, aHunk } from "../support/review.ts";
import { aModel } from "../support/reviewers.ts";
import { createScriptedPanel, findingsReply, voteAll } from "../support/scripted-panel.ts";
import { eachStore } from "../support/stores.ts";
import type { OpenTestStore } from "../support/stores.ts";
import { createSeededRandom } from "../support/virtual-time.ts";

const bug = {
  path: "src/a.ts",
  line: 2,
  end_line: 2,
  severity: "high",
  category: "correctness",
  title: "The total is not rounded",
  body: "It is compared with ===.",
  quoted: "  return total === 0.3;",
  symbol: null,
  failing_input: null,
};

/** What the first seat finds, what the others say to it, and the line that it is about. */
interface Script {
  found: readonly (typeof bug)[];
  vote: "confirm" | "reject";
  line: string;
}

interface Stand {
  readonly script: Script;
  readonly review: (subject?: string) => Promise<ReviewResult>;
  /** A moment later than all before, as `R1 F1 dismissed`. */
  readonly say: (words: `R${number} F${number} ${Outcome}`) => Promise<void>;
}

async function stand(open: OpenTestStore): Promise<Stand> {
  const { store, time } = await open({
    migrations: [eventsMigration, { ...reviewMigration, version: 2 }],
  });
  const events = createEvents({
    doorbell: { ring: () => undefined, watch: () => () => undefined, close: () => undefined },
  });
  const reviews = createReviews({ events });
  const script: Script = { found: [bug], vote: "confirm", line: bug.quoted };
  const reviewing = createReviewing({
    store,
    reviews,
    models: ["a", "b", "c"].map((family) => aModel({ name: family, family })),
    model: createScriptedPanel(({ seat, phase, prompt }) =>
      phase === "generate"
        ? findingsReply(...(seat === 1 ? script.found : []))
        : voteAll(prompt, script.vote),
    ),
    tokens: createTokens(),
    timer: createManualTimer(),
    random: createSeededRandom(),
    costOf: () => 1,
    check: async () => [],
    readBase: async () => [],
    billsOf: async () => null,
  });
  const pass = async (): Promise<void> => {
    time.advance(10);
    // The server's clock cannot be turned.
    await new Promise((resolve) => {
      setTimeout(resolve, store.dialect === "postgres" ? 3 : 0);
    });
  };
  const review = async (subject = "feature/total"): Promise<ReviewResult> => {
    await pass();
    const { done } = await reviewing.start({
      change: aChange(fileWith(script.line)),
      subject,
      actor: "person:ada",
      preset: "fast",
      thresholds: { severity: {}, category: {} },
      description: "",
      room: null,
      signal: new AbortController().signal,
    });
    return done;
  };
  const say: Stand["say"] = async (words) => {
    await pass();
    const [id = "", finding = "", word] = words.split(" ");
    const outcome = word === "dismissed" ? word : "resolved";
    await store.write(async (tx) =>
      reviews.decide(tx, { id, finding, outcome, actor: "person:ada" }),
    );
  };
  return { script, review, say };
}

function fileWith(line: string): ChangedFile[] {
  return [aFile({ hunks: [aHunk(1, [" function f() {", `+${line}`, " }"])] })];
}

function statesOf({ findings }: ReviewResult): readonly string[] {
  return findings.map(({ id, state }) => `${id} ${state}`);
}

eachStore("words about reviews", (open) => {
  test("name a line that reviewers were shown cut, and stand on it", async () => {
    const { review, script } = await stand(open);
    script.line = `steal(); // ${"x".repeat(6_000)}`;
    script.found = [{ ...bug, quoted: "steal(); // xxx" }];

    const result = await review();

    expect(result.skipped).toEqual([]);
    expect(result.findings).toMatchObject([{ line: 2, placement: "line" }]);
    expect(result.notes.join(" ")).toContain("nobody saw the rest of them: src/a.ts:2 (6012");
  });

  test("that are said of an older review of the subject count in the next one, and from then on", async () => {
    const { review, say } = await stand(open);
    await review();
    const again = await review();
    await say("R1 F1 dismissed");
    const third = await review();
    const fourth = await review();

    expect(statesOf(again)).toEqual(["F1 open"]);
    expect(third).toMatchObject({ verdict: "pass", findings: [], unconfirmed: [] });
    expect(third.declined).toMatchObject([{ title: bug.title }]);
    expect(fourth).toMatchObject({ verdict: "pass", findings: [] });
  });

  test("win over older ones, whichever review they are said of", async () => {
    const { review, say } = await stand(open);
    await review();
    await review();
    await say("R2 F1 dismissed");
    await say("R1 F1 resolved");

    expect(statesOf(await review())).toEqual(["F1 open"]);

    await say("R1 F1 dismissed");
    await say("R3 F1 resolved");

    expect(statesOf(await review())).toEqual(["F1 open"]);

    await say("R2 F1 resolved");
    await say("R1 F1 resolved");
    await say("R1 F1 dismissed");

    expect(statesOf(await review())).toEqual([]);
  });

  test("are taken back where the last review has nothing to say it of", async () => {
    const { review, say } = await stand(open);
    await review();
    await say("R1 F1 dismissed");

    expect(statesOf(await review())).toEqual([]);

    await say("R1 F1 resolved");

    expect(statesOf(await review())).toEqual(["F1 open"]);
  });

  test("hold for what was quoted with a line more, and for what was not confirmed", async () => {
    const { script, review, say } = await stand(open);
    script.vote = "reject";
    await review();
    await say("R1 F1 dismissed");
    script.vote = "confirm";

    expect(statesOf(await review())).toEqual([]);

    const other = await stand(open);
    other.script.found = [{ ...bug, line: 1, quoted: `function f() {\n${bug.quoted}` }];
    await other.review("feature/other");
    other.script.found = [bug];

    expect(statesOf(await other.review("feature/other"))).toEqual(["F1 open"]);

    await other.say("R3 F1 dismissed");

    expect(statesOf(await other.review("feature/other"))).toEqual([]);
  });

  test("end with the lines that they are about, and reach no other subject", async () => {
    const { script, review, say } = await stand(open);
    await review();
    await review("feature/other");
    await say("R1 F1 dismissed");

    expect(statesOf(await review("feature/other"))).toEqual(["F1 open"]);

    script.line = "  return Math.abs(total - 0.3) === 0;";
    script.found = [{ ...bug, quoted: script.line }];

    expect(statesOf(await review())).toEqual(["F1 new"]);
    expect(statesOf(await review())).toEqual(["F1 open"]);

    await say("R1 F1 resolved");
    await say("R1 F1 dismissed");

    // The finding of the new lines is another one.
    expect(statesOf(await review())).toEqual(["F1 open"]);
  });
});
