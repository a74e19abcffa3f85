import { describe, expect, test } from "vitest";

import { plainOutcome } from "../../src/bot/context.ts";
import type { BotMode, BotStage, HandlerOutcome } from "../../src/bot/context.ts";
import { chooseHandlers, dispatch, mergeOutcomes, sayNothing } from "../../src/bot/dispatch.ts";
import type { HandlerTable } from "../../src/bot/dispatch.ts";
import type { BotEvent } from "../../src/bot/event.ts";
import { aContext, anEvent } from "./contexts.ts";

function chosen(event: BotEvent, mode: BotMode = "auto", stage: BotStage = "all"): string {
  return chooseHandlers(event, { mode, stage }).join(" ");
}

describe("chooseHandlers", () => {
  test.each([
    ["issues", "opened", "plan"],
    ["issue_comment", "created", "command"],
    ["issue_comment", "edited", ""],
    ["pull_request_review_comment", "created", "command"],
    ["pull_request_review_comment", "deleted", ""],
    ["pull_request", "opened", "rules review"],
    ["pull_request", "closed", "closed"],
    ["merge_group", "checks_requested", "rules"],
    ["merge_group", "destroyed", ""],
    ["push", null, "rules tasks"],
    ["check_run", "completed", "tasks"],
    ["check_run", "created", ""],
    ["workflow_dispatch", null, ""],
    ["schedule", null, "schedule"],
    ["fork", null, ""],
  ])("answers %s %s with: %s", (name, action, handlers) => {
    expect(chosen(anEvent(name, action))).toBe(handlers);
  });

  test("does only what a mode names, and only where the event allows it", () => {
    expect(chosen(anEvent("pull_request", "opened"), "review")).toBe("review");
    expect(chosen(anEvent("pull_request", "opened"), "plan")).toBe("");
    expect(chosen(anEvent("workflow_dispatch", null), "plan")).toBe("plan");
    expect(chosen(anEvent("schedule", null), "rules")).toBe("rules");
    expect(chosen(anEvent("issue_comment", "edited"), "command")).toBe("");
  });

  test("does in stages only what calls models", () => {
    for (const stage of ["collect", "think", "publish"] as const) {
      expect(chosen(anEvent("pull_request", "opened"), "auto", stage)).toBe("review");
      expect(chosen(anEvent("push", null), "auto", stage)).toBe("");
    }
  });
});

describe("dispatch", () => {
  test("runs the handlers in order, each loaded when it is its turn", async () => {
    const told: string[] = [];
    const table: HandlerTable = {
      review: async () => {
        told.push("load review");
        return async () => {
          told.push("review");
          return plainOutcome("success", "Nothing to say.");
        };
      },
      rules: async () => async () => {
        told.push("rules");
        return plainOutcome("failure", "Too large.");
      },
      plan: async () => {
        throw new Error("nobody asked for a plan");
      },
    };

    const handled = await dispatch(aContext({ event: anEvent("pull_request", "opened") }), table);

    expect(told).toEqual(["rules", "load review", "review"]);
    expect(handled.map(({ name }) => name)).toEqual(["rules", "review"]);
  });

  test("is neutral about a handler that this version lacks", async () => {
    const [only] = await dispatch(aContext({ event: anEvent("issues", "opened") }), {});

    expect(only?.outcome).toEqual(
      plainOutcome("neutral", "This version of Skein has nothing to do for `plan`."),
    );
  });

  test("goes on only with the handler that handed something over", async () => {
    const context = aContext({
      event: anEvent("pull_request", "opened"),
      received: { kind: "plan", headSha: null, baseSha: null, payload: null, hash: "h1" },
    });

    expect(await dispatch(context, {})).toEqual([]);
  });

  test("begins nothing after the job was cancelled", async () => {
    const context = aContext({ event: anEvent("push", null), signal: AbortSignal.abort() });

    await expect(dispatch(context, {})).rejects.toThrow("aborted");
  });
});

describe("mergeOutcomes", () => {
  test("takes the worst conclusion, adds what can be added, and keeps the first of the rest", () => {
    const merged = mergeOutcomes(
      [
        { name: "rules", outcome: some({ summary: "a", costMicroUsd: 1 }) },
        {
          name: "review",
          outcome: some({ conclusion: "failure", summary: "b", costMicroUsd: 2, reportPath: "/r" }),
        },
        { name: "plan", outcome: some({ conclusion: "neutral", planHash: "h" }) },
      ],
      "",
    );

    expect(merged).toEqual(
      some({
        conclusion: "failure",
        title: "Good. Good. Good.",
        summary: "a\n\nb",
        costMicroUsd: 3,
        reportPath: "/r",
        planHash: "h",
      }),
    );
  });

  test("is neutral and says why when there was nothing", () => {
    const why = sayNothing(anEvent("fork", null), "auto");

    expect(mergeOutcomes([], why)).toEqual(
      plainOutcome("neutral", "Skein has nothing to do on `fork`."),
    );
    expect(sayNothing(anEvent("issues", "opened"), "review")).toBe(
      "Skein has nothing to do on `issues` (opened) in mode `review`.",
    );
  });
});

function some(odd: Partial<HandlerOutcome>): HandlerOutcome {
  return { ...plainOutcome("success", "Good."), ...odd };
}
