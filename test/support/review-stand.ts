import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { aCommandLine } from "../cli/command-line.ts";
import type { CommandLine } from "../cli/command-line.ts";
import { say } from "./model-servers/index.ts";
import type { Answer, ModelCall, ModelServer } from "./model-servers/index.ts";

/** The planted bug and what is planted as false. */
export const bug = {
  path: "src/pay.ts",
  line: 3,
  end_line: 3,
  severity: "high",
  category: "correctness",
  title: "Off-by-one skips the last payment",
  body: "The loop ends one element early, so the last payment is never settled.",
  quoted: "  for (let i = 0; i < payments.length - 1; i += 1) {",
  symbol: "settle",
  failing_input: "one payment",
  suggestion: "  for (let i = 0; i < payments.length; i += 1) {",
};
export const falsehood = {
  ...bug,
  line: 4,
  end_line: 4,
  severity: "medium",
  title: "settleOne may throw a string",
  body: "The callee may reject with something that is no error.",
  quoted: "    settleOne(payments[i]);",
  symbol: null,
  failing_input: null,
  suggestion: null,
};

export const before = `export function settle(payments: readonly number[]): void {
  // all of them
  for (const payment of payments) {
    settleOne(payment);
  }
}
`;
export const after = `export function settle(payments: readonly number[]): void {
  // all of them
  for (let i = 0; i < payments.length - 1; i += 1) {
    settleOne(payments[i]);
  }
}
`;

/** A branch with a planted bug, in a repository whose default branch names the models. */
export function aBranchToReview(settings: string): CommandLine {
  const line = aCommandLine({ "skein.yml": settings, "src/pay.ts": before });
  const { root } = line.repository;
  git(root, ["checkout", "-q", "-b", "feature/pay"]);
  write(root, "src/pay.ts", after);
  git(root, ["commit", "-q", "-am", "Settle by index"]);
  return line;
}

export function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

export function git(cwd: string, args: readonly string[]): void {
  execFileSync(
    "git",
    [
      "-c",
      "user.name=ada",
      "-c",
      "user.email=ada@example.org",
      "-c",
      "commit.gpgsign=false",
      ...args,
    ],
    { cwd },
  );
}

/** What each call costs in the script, so that money can be checked to the micro-dollar. */
export const usage = { inputTokens: 1_111, outputTokens: 77 };

/** A reviewer as a script: it finds the bug or not, plants the falsehood or not, and votes by what it is shown. */
export function scriptedReviewer({
  finds,
  invents,
}: {
  readonly finds: boolean;
  readonly invents: boolean;
}): (call: ModelCall) => Answer {
  return ({ prompt }) => {
    if (!prompt.includes("Vote on each of:")) {
      const findings = [...(finds ? [bug] : []), ...(invents ? [falsehood] : [])];
      return say(JSON.stringify({ findings }), { usage });
    }
    const votes = [...prompt.matchAll(/\[begin candidate (c\d+) [^\]]*\]\nclaim: (.*)/gu)].map(
      ([, id, claim]) => ({
        id,
        vote: claim === bug.title ? "confirm" : "reject",
        reason: "I read the lines.",
      }),
    );
    return say(JSON.stringify({ votes }), { usage });
  };
}

const price = "{ input: 2, output: 10 }";
/** Of one call with `usage`, at that price. */
export const callMicroUsd = usage.inputTokens * 2 + usage.outputTokens * 10;

/** Four models of three families behind an Anthropic and an OpenAI server. */
export function settingsFor(anthropic: ModelServer, openai: ModelServer, more = ""): string {
  return `providers:
  claude: { kind: anthropic, base_url: "${anthropic.url}", api_key: env:ANTHROPIC_TEST }
  router: { kind: openai-compatible, base_url: "${openai.v1}", api_key: env:OPENAI_TEST }
models:
  big: { provider: claude, id: claude-sonnet-5-5, size: large, price: ${price} }
  mid: { provider: router, id: gpt-mid, family: gpt, size: medium, price: ${price} }
  mid-too: { provider: router, id: qwen-mid, family: qwen, size: medium, price: ${price} }
  little: { provider: router, id: qwen-small, family: qwen, size: small, price: ${price} }
${more}`;
}

export const reviewEnv = { ANTHROPIC_TEST: "test-anthropic", OPENAI_TEST: "test-openai" };
