import type { BotContext, BotWishes } from "../../src/bot/context.ts";
import type { BotEvent } from "../../src/bot/event.ts";
import { parsePayload } from "../../src/bot/payload.ts";

export const headSha = "a".repeat(40);
export const baseSha = "b".repeat(40);

const side = (sha: string): unknown => ({ ref: "work", sha, repo: { full_name: "ada/engine" } });

/** What GitHub would send, with every field that some event has. */
export function aPayload(action: string | null): Readonly<Record<string, unknown>> {
  return {
    ...(action === null ? {} : { action }),
    repository: { full_name: "ada/engine", id: 7, private: true, default_branch: "main" },
    sender: { login: "ada", id: 1, type: "User" },
    issue: { number: 3, title: "An issue", body: "Text", state: "open" },
    comment: { id: 5, body: "/skein help" },
    pull_request: {
      number: 4,
      title: "A change",
      body: "Text",
      state: "open",
      head: side(headSha),
      base: side(baseSha),
    },
    merge_group: { head_sha: headSha, head_ref: "q", base_sha: baseSha, base_ref: "main" },
    check_run: {
      name: "ci",
      head_sha: headSha,
      conclusion: "failure",
      check_suite: { head_branch: "main" },
    },
    ref: "refs/heads/main",
    before: baseSha,
    after: headSha,
    inputs: null,
    schedule: "0 3 * * *",
  };
}

export function anEvent(name: string, action: string | null): BotEvent {
  return parsePayload(name, aPayload(action), null);
}

export const plainWishes: BotWishes = {
  mode: "auto",
  stage: "all",
  config: null,
  preset: null,
  budgetMicroUsd: null,
  maxComments: null,
  severityFloor: null,
  include: [],
  exclude: [],
  isSticky: true,
  isDryRun: false,
  serverUrl: null,
  anthropic: { apiKey: null, baseUrl: null },
  openai: { apiKey: null, baseUrl: null },
};

/** A context whose log goes nowhere. */
export function aContext(odd: Partial<BotContext> = {}): BotContext {
  return {
    event: anEvent("push", null),
    wishes: plainWishes,
    github: { apiUrl: "http://127.0.0.1:9", serverUrl: "http://127.0.0.1:9", token: null },
    received: null,
    cwd: null,
    isDurable: false,
    database: "none",
    bounds: null,
    git: null,
    env: {},
    outputDir: "/nowhere",
    log: { info: quiet, debug: quiet, warn: quiet, group: async (_, work) => work() },
    signal: new AbortController().signal,
    ...odd,
  };
}

function quiet(): void {
  // Nobody listens.
}
