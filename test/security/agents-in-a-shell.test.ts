import { afterAll, afterEach, describe, expect, test } from "vitest";

import { openProject } from "../../src/compose.ts";
import { removeRepositories, testEnv } from "../adapters/git/repositories.ts";
import { aCommandLine } from "../cli/command-line.ts";
import type { CommandLine } from "../cli/command-line.ts";
import { startModelServer } from "../support/model-servers/index.ts";
import type { ModelServer } from "../support/model-servers/index.ts";
import {
  aBranchToReview,
  reviewEnv,
  scriptedReviewer,
  settingsFor,
} from "../support/review-stand.ts";

const servers: ModelServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
afterAll(removeRepositories);

/** What a host sets for the programs of its agent; no tool of ours was called before. */
const hosts = [
  { CLAUDE_CODE_SESSION_ID: "0b1f" },
  { CODEX_THREAD_ID: "0b1f" },
  { SKEIN_EXTERNAL_ID: "claude:0b1f" },
];

/** A question of a session that has joined. */
async function ask({ repository, skein: run }: CommandLine): Promise<void> {
  await run("lease take src/a.ts");
  const { skein } = await openProject({ cwd: repository.root, env: testEnv });
  await skein.store.write(async (tx) =>
    skein.approvals.ask(tx, {
      session: "s1",
      plan: null,
      task: null,
      question: "Delete the table?",
      options: ["yes", "no"],
      deadlineInMs: null,
    }),
  );
  await skein.close();
}

describe("an agent in a shell that has not joined", () => {
  test.each(hosts)("answers no question that is meant for a person, named by %j", async (env) => {
    const line = aCommandLine();
    await ask(line);

    const { code, err } = await line.skein("approve A1 --answer yes", { env });

    expect(err).toContain("SKN-8601");
    expect(code).toBe(9);
    expect((await line.skein("approve A1 --answer no")).code).toBe(0);
  });

  test("neither dismisses a finding nor resets what was learned", async () => {
    const reply = scriptedReviewer({ finds: true, invents: false });
    const server = await startModelServer({ reply });
    servers.push(server);
    const line = aBranchToReview(settingsFor(server, server));
    const { code } = await line.skein("review --json", { env: reviewEnv });
    expect(code).toBe(20);

    const agent = { env: { CLAUDE_CODE_SESSION_ID: "0b1f" } };
    const dismissed = await line.skein("review outcome R1 F1 dismissed", agent);
    const reset = await line.skein("review weights --reset", agent);

    expect([dismissed.code, reset.code]).toEqual([4, 4]);
    expect(dismissed.err).toContain("SKN-3871");
    expect((await line.skein("review --json", { env: reviewEnv })).code).toBe(20);
    expect((await line.skein("review outcome R1 F1 dismissed")).code).toBe(0);
  });
});
