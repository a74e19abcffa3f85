import { setTimeout as later } from "node:timers/promises";
import { execFileSync } from "node:child_process";

import { runAction } from "../../src/bot/action/run.ts";
import { plainOutcome } from "../../src/bot/context.ts";
import type { BotContext, EventHandler, HandlerOutcome } from "../../src/bot/context.ts";
import { openEphemeralSkein } from "../../src/compose-action-store.ts";
import { SkeinError } from "../../src/core/base/errors.ts";
import { botErrors } from "../../src/bot/errors.ts";
import { loadSettings } from "../../src/settings.ts";

/** Handlers for tests of the Action's frame: bundled as the released ones are, and each does one thing that the frame has to deal with. */
const acts: Readonly<Record<string, EventHandler>> = {
  /** Opens a store in memory and keeps something in it. */
  store: async ({ env }) => {
    const { settings } = await loadSettings({ root: "/", env, text: null });
    const skein = await openEphemeralSkein({ cwd: "/nowhere", env, settings });
    const id = await skein.store.write(async (tx) =>
      skein.reviews.begin(tx, { actor: "system", subject: "pull:4", preset: "quick" }),
    );
    await skein.close();
    return plainOutcome("success", `Kept ${id}.`);
  },
  /** Lets a secret of each sort slip into all that is published. */
  leak: async ({ github, env }) => {
    const leak = `token ${String(github.token)}, key ${String(env["ANTHROPIC_API_KEY"])}, ${planted}`;
    return {
      ...plainOutcome("success", `Title: ${leak}`),
      summary: `Summary: ${leak}`,
      annotations: [{ ...onLeak, title: leak, message: leak, path: `src/${leak}.ts` }],
    };
  },
  /** Shows what a child process sees. */
  child: async () =>
    plainOutcome("success", execFileSync("env", { encoding: "utf8" }).replaceAll("\n", ";")),
  hang: async ({ log, signal }) => {
    log.info("hanging");
    await later(60_000, undefined, { signal, ref: true });
    return plainOutcome("success", "Never.");
  },
  fail: async () => plainOutcome("failure", "Two findings block."),
  broken: async () => {
    throw new SkeinError(botErrors.noRunner, { message: "A promise | was <b>broken</b>." });
  },
  bug: async () => {
    throw new TypeError("words of somebody else ::error::x");
  },
};

const planted = ["ghp", "x7Kq2mVb9Tn4Rw8Yc3Lf6Hd1Js5Gp0ZaQeUi"].join("_");

const onLeak = { level: "notice", startLine: 1, endLine: 1, isShown: false } as const;

/** What it is given goes on to the next stage, and is counted. */
async function relay({ received, event }: BotContext): Promise<HandlerOutcome> {
  const count = typeof received?.payload === "number" ? received.payload : 0;
  const shas = event.kind === "pull-request" ? event.pull : null;
  return {
    ...plainOutcome("failure", `Stage ${String(count + 1)}.`),
    handover: {
      headSha: shas?.head.sha ?? null,
      baseSha: shas?.base.sha ?? null,
      payload: count + 1,
    },
  };
}

process.exitCode = await runAction({
  env: process.env,
  signals: process,
  handlers: {
    rules: async () => acts[process.env["TEST_ACT"] ?? ""] ?? relay,
    review: async () => relay,
  },
});
