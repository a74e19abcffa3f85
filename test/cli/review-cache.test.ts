import { existsSync, readdirSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";

import { reportSchema } from "../../src/core/review/index.ts";
import type { ReviewReport } from "../../src/core/review/index.ts";
import { removeRepositories } from "../adapters/git/repositories.ts";
import { fail, say, startModelServer } from "../support/model-servers/index.ts";
import type { ModelServer, ModelServerOptions } from "../support/model-servers/index.ts";
import {
  aBranchToReview,
  after,
  bug,
  git,
  reviewEnv,
  scriptedReviewer,
  settingsFor,
  write,
} from "../support/review-stand.ts";
import type { CommandLine } from "./command-line.ts";

const servers: ModelServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
afterAll(removeRepositories);

interface Stand {
  readonly line: CommandLine;
  readonly server: ModelServer;
  readonly answers: string;
  readonly review: (words?: string) => Promise<ReviewReport>;
}

async function stand(
  reply: ModelServerOptions["reply"] = scriptedReviewer({ finds: true, invents: true }),
  more = "",
): Promise<Stand> {
  const server = await startModelServer({ reply });
  servers.push(server);
  const line = aBranchToReview(settingsFor(server, server, more));
  return {
    line,
    server,
    answers: join(line.repository.root, ".git/skein/answers"),
    review: async (words = "") => {
      const call = `review --preset fast --json ${words}`.trim();
      const { out, err } = await line.skein(call, { env: reviewEnv });
      if (out === "") {
        throw new Error(err);
      }
      return reportSchema.parse(JSON.parse(out));
    },
  };
}

/** What the marks of a prompt hang on. */
function markIn(prompt = ""): string {
  return /\[begin [^\]]* (?<mark>[\w-]{16,})\]/u.exec(prompt)?.groups?.["mark"] ?? "";
}

describe("kept answers of reviews", () => {
  test("are given to the same review again, for nothing, and each seat says so", async () => {
    const { review, server, line } = await stand();
    const first = await review();
    const calls = server.calls.length;
    const second = await review();
    const { out } = await line.skein("review show R2");

    expect(calls).toBe(7);
    expect(server.calls).toHaveLength(calls);
    expect(second.cost).toEqual({
      usd: 0,
      input_tokens: 0,
      output_tokens: 0,
      saved_usd: first.cost.usd,
    });
    expect(first.seats.map(({ cached }) => cached)).toEqual([0, 0, 0, 0]);
    expect(second.seats.map(({ cached, calls: made }) => [cached, made])).toEqual([
      [1, 0],
      [2, 0],
      [2, 0],
      [2, 0],
    ]);
    expect(second.findings).toMatchObject([{ title: bug.title, state: "open" }]);
    expect(second.notes.join(" ")).toContain("Of 7 answers 7 are kept ones");
    expect(out).toContain("kept answers saved");
  });

  test("are not given where anything that is asked differs, nor are the marks the same then", async () => {
    const { review, server, line } = await stand();
    const marks = async (words = ""): Promise<string> => {
      const from = server.calls.length;
      await review(words);
      return markIn(server.calls[from]?.prompt);
    };
    const first = await marks();
    write(line.repository.root, "src/pay.ts", after.replace("all of them", "each of them"));
    git(line.repository.root, ["commit", "-q", "-am", "Say it otherwise"]);
    const changed = await marks();
    const reseated = await marks("--preset balanced");
    const fresh = await marks("--fresh");
    const again = await marks("--fresh");
    const all = [first, changed, reseated, fresh, again];

    expect(all.every((mark) => mark.length >= 16)).toBe(true);
    expect(new Set(all).size).toBe(5);
  });

  test("are asked for anew with --fresh and with review.cache_hours 0, and then not kept", async () => {
    const { review, server, answers } = await stand(undefined, "review: { cache_hours: 0 }\n");
    await review();
    await review();
    const calls = server.calls.length;
    const other = await stand();
    await other.review("--fresh");
    await other.review("--fresh");

    expect(calls).toBe(14);
    expect(other.server.calls).toHaveLength(14);
    expect([existsSync(answers), existsSync(other.answers)]).toEqual([false, false]);
  });

  test("are forgotten after a day, by the next review or by maintain", async () => {
    const { review, server, answers, line } = await stand();
    await review();
    const calls = server.calls.length;
    for (const name of readdirSync(answers)) {
      utimesSync(join(answers, name), new Date(0), new Date(0));
    }
    const { out } = await line.skein("maintain --json");
    await review();

    expect(JSON.parse(out)).toMatchObject({ pruned_answers: calls });
    expect(server.calls).toHaveLength(2 * calls);
  });

  test("are none of garbage and of failures: who was named is asked again", async () => {
    let isBad = true;
    const good = scriptedReviewer({ finds: true, invents: false });
    const { review, server } = await stand((call) => {
      if (!isBad || call.model === "claude-sonnet-5-5") {
        return good(call);
      }
      return call.model === "gpt-mid" ? say("It looks fine to me.") : fail(401);
    });
    const first = await review();
    const calls = server.calls.length;
    isBad = false;
    const second = await review();
    const asked = server.calls.slice(calls).filter(({ prompt }) => !prompt.includes("Vote on"));

    expect(first.verdict).toBe("incomplete");
    expect(second.verdict).toBe("changes");
    expect(asked.map(({ model }) => model)).not.toContain("claude-sonnet-5-5");
    expect(asked).toHaveLength(3);
  });

  test("hold no prompt, and are no part of an export", async () => {
    const { review, answers, line } = await stand();
    await review();
    const kept = readdirSync(answers).map((name) => readFileSync(join(answers, name), "utf8"));
    const { out } = await line.skein("state export");

    expect(kept.join("\n")).not.toContain("Vote on each of");
    expect(kept.join("\n")).not.toContain("[begin ");
    expect(out).not.toContain("request_hash");
  });
});
