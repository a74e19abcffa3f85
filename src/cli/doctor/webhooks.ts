import type { HostProtection } from "../../compose-github.ts";
import { cleanLine } from "../../core/base/text.ts";
import { fine, trouble } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** Where an App of Skein takes webhooks, and what it has to be told of; a test holds both to the App's. */
export const hookPath = "/api/github/webhooks";
export const hookEvents = [
  "check_run",
  "issue_comment",
  "issues",
  "merge_group",
  "pull_request",
  "pull_request_review_comment",
  "push",
] as const;

type Hook = NonNullable<HostProtection["hooks"]>[number];

/** The App of GitHub's own that reports the checks of workflows. */
const actionsApp = 15_368;

/**
 * Judges the webhooks of a repository that lead to Skein; an App's own are told to nobody but the App. Where there is none, and a rule waits for the
 * check of an App that is no workflow, somebody has to see that the App has one.
 */
export function webhookFindings(
  { name, hooks, requiredChecks }: HostProtection,
  { check, isAppAsked }: { readonly check: string; readonly isAppAsked: boolean },
): readonly Finding[] {
  const app = requiredChecks.find((each) => each.name === check)?.appId ?? actionsApp;
  return hooks?.length === 0 && !isAppAsked && app !== actionsApp
    ? [unseen(name, check)]
    : (hooks ?? []).map((hook) => judge(name, hook));
}

function unseen(name: string, check: string): Finding {
  return trouble("note", "github-webhook-none", {
    what: `${name} requires ${check} of an App, and has no webhook to Skein.`,
    why: "It needs none where the App has its own, which is told to nobody but the App: without either, no pull request can be merged.",
    fix: "Look at the App's: `skein doctor --app-id ID --private-key file:/path/key.pem`.",
  });
}

function judge(name: string, hook: Hook): Finding {
  const { address, isActive, last } = hook;
  const where = `The webhook of ${name} to ${cleanLine(address, 200)}`;
  const settings = "Settings, Webhooks of the repository";
  if (!isActive) {
    return trouble("warn", "github-webhook-off", {
      what: `${where} is switched off.`,
      why: "Skein hears of no event there; its sweep finds what changed only each half hour.",
      fix: `Tick "Active" in the webhook's settings (${settings}), or remove it.`,
    });
  }
  const unheard = hook.events.includes("*")
    ? []
    : hookEvents.filter((event) => !hook.events.includes(event));
  if (last !== null && !isWell(last.statusCode)) {
    return trouble("warn", "github-webhook-failing", {
      what: `${where} fails: the last delivery ended with ${answerOf(last)}.`,
      why: "GitHub does not deliver again by itself; what it told is lost until the sweep.",
      fix: fixOf(last.statusCode, settings),
    });
  }
  if (unheard.length > 0) {
    return trouble("warn", "github-webhook-deaf", {
      what: `${where} does not tell of ${unheard.join(", ")}.`,
      why: "Skein answers those events late or never.",
      fix: `Choose them under "Let me select individual events" (${settings}).`,
    });
  }
  return fine(
    "github-webhook",
    `${where} ${last === null ? "has delivered nothing of late" : "is delivered"}.`,
  );
}

/** True for an answer that took the delivery. */
export function isWell(statusCode: number): boolean {
  return statusCode >= 200 && statusCode < 300;
}

/** Without an answer the host says 0 and what went wrong. */
function answerOf({ statusCode, status }: NonNullable<Hook["last"]>): string {
  const said = cleanLine(status, 80);
  return statusCode === 0 ? `no answer (${said})` : `${String(statusCode)} (${said})`;
}

/** What mends deliveries that end so. */
export function fixOf(statusCode: number, settings: string): string {
  if (statusCode === 401 || statusCode === 400) {
    return `Give the webhook the secret that \`skein bot --webhook-secret\` has (${settings}), then choose "Redeliver".`;
  }
  return `See that \`skein bot\` runs and that its address is reached from outside, then choose "Redeliver" under "Recent Deliveries" (${settings}).`;
}
