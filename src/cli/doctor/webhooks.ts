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

/** Judges the webhooks of a repository that lead to Skein; an App's own are told to nobody but the App. */
export function webhookFindings({ name, hooks }: HostProtection): readonly Finding[] {
  return (hooks ?? []).map((hook) => judge(name, hook));
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

function isWell(statusCode: number): boolean {
  return statusCode >= 200 && statusCode < 300;
}

/** Without an answer the host says 0 and what went wrong. */
function answerOf({ statusCode, status }: NonNullable<Hook["last"]>): string {
  const said = cleanLine(status, 80);
  return statusCode === 0 ? `no answer (${said})` : `${String(statusCode)} (${said})`;
}

function fixOf(statusCode: number, settings: string): string {
  if (statusCode === 401 || statusCode === 400) {
    return `Give the webhook the secret that \`skein bot --webhook-secret\` has (${settings}), then choose "Redeliver".`;
  }
  return `See that \`skein bot\` runs and that its address is reached from outside, then choose "Redeliver" under "Recent Deliveries" (${settings}).`;
}
