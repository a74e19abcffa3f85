import { SkeinError } from "../../core/base/errors.ts";
import type { MicroUsd } from "../../core/base/ids.ts";
import type { ErrorEntry } from "../../core/base/errors.ts";
import { isLooseObject, ownText, ownValue } from "../../core/base/loose-object.ts";
import { parseProposedDraft } from "../../core/decomposition/index.ts";
import type { ProposedDraft } from "../../core/decomposition/index.ts";
import { plainOutcome } from "../context.ts";
import type { BotContext, HandlerOutcome } from "../context.ts";
import { botErrors } from "../errors.ts";
import { runIn } from "../runs.ts";

/** Hands a plan's part of the work on. An issue has no commits. */
export function handOn(title: string, payload: object): HandlerOutcome {
  return {
    ...plainOutcome("success", title),
    handover: { headSha: null, baseSha: null, payload: JSON.parse(JSON.stringify(payload)) },
  };
}

/** Why there is no draft, as one job tells the next: a code and a sum. Words would be posted by a job that must believe none of them. */
export interface DraftFailure {
  readonly code: string;
  readonly microUsd: MicroUsd;
}

/** More than a plan can cost; sums of it stay exact. */
const mostMicroUsd = 1_000_000_000_000;

/** What a failure says of itself to the next job. */
export function failureOf({ code, facts }: SkeinError): DraftFailure {
  const cost = facts["cost_micro_usd"];
  return { code, microUsd: isSum(cost) ? cost : 0 };
}

function isSum(value: unknown): value is MicroUsd {
  return (
    typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= mostMicroUsd
  );
}

/** What the job before this one made of an issue. */
export interface HandedPlan {
  /** Null: no money was set aside for it. */
  readonly run: string | null;
  /** @throws {SkeinError} SKN-8941 for what is none; the code of what failed there, with its cost as a fact. */
  draft(this: void): Promise<ProposedDraft>;
}

/** Reads what was handed over; nothing in it is believed but its shape. */
export function handedTo(context: BotContext): HandedPlan {
  const payload = context.received?.payload;
  const given = isLooseObject(payload) ? payload : {};
  const failure = ownValue(given, "failure");
  return {
    run: runIn(context),
    draft: async () => {
      if (isLooseObject(failure)) {
        throw failedThere(ownText(failure, "code") ?? "", ownValue(failure, "microUsd"));
      }
      const draft = parseProposedDraft(ownValue(given, "draft"));
      if (draft === null) {
        throw new SkeinError(botErrors.badHandover);
      }
      return Promise.resolve(draft);
    },
  };
}

function failedThere(code: string, microUsd: unknown): SkeinError {
  if (!isCode(code) || !isSum(microUsd)) {
    return new SkeinError(botErrors.badHandover);
  }
  const message = `The job that asks models made no plan (${code}).`;
  return new SkeinError(
    { ...botErrors.noDraft, code },
    { message, facts: { cost_micro_usd: microUsd } },
  );
}

function isCode(text: string): text is ErrorEntry["code"] {
  return /^SKN-\d{4}$/u.test(text);
}
