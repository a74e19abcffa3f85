import type { Actor, MicroUsd, SessionId } from "../base/ids.ts";
import type { Reader, Transaction } from "../store/index.ts";
import type { Spend, Usage } from "./cost.ts";
import * as sql from "./measured-tables.ts";
import { groupUses } from "./measured-groups.ts";
import type { MeasuredClaim, MeasuredGroup } from "./measured-groups.ts";
import { costOf } from "./pricing.ts";
import { record } from "./spending.ts";
import type { SpendingDeps } from "./spending.ts";
import type { MeasuredUse } from "./transcripts/transcript.ts";

export interface MeasureRequest {
  readonly session: SessionId | null;
  readonly uses: readonly MeasuredUse[];
  /** The claim that the session held at a time; null: none. */
  readonly claimAt: (atMs: number) => MeasuredClaim | null;
  readonly actor: Actor;
}

/** What an import has done. */
export interface Measured {
  /** Answers that were not counted before. */
  readonly uses: number;
  /** One line for each model, claim and day. */
  readonly spends: readonly Spend[];
  /** Of what was found, what the session had told of by itself: that was charged then. */
  readonly absorbedMicroUsd: MicroUsd;
}

/**
 * Counts what hosts' records say was used. An answer counts once, however often its record is read. What a session has reported by itself
 * is found again in its records and is not charged twice: in the end it is charged the larger of the two.
 */
export async function measure(
  deps: SpendingDeps,
  tx: Transaction,
  request: MeasureRequest,
): Promise<Measured> {
  const fresh: MeasuredUse[] = [];
  for (const use of request.uses) {
    if ((await tx.run(sql.insertMeasuredUse, [tx.project, use.id])) === 1) {
      fresh.push(use);
    }
  }
  let credit = fresh.length === 0 ? 0 : await creditOf(tx, request.session);
  let absorbed = 0;
  const spends: Spend[] = [];
  for (const group of groupUses(fresh, request.claimAt, tx.nowMs)) {
    const cost = costOf(group.usage, deps.prices).microUsd;
    const known = Math.min(credit, cost);
    const spend =
      known === cost && cost > 0 ? null : await charge(deps, tx, { group, request, known });
    credit -= known;
    absorbed += known;
    await tx.put(sql.insertMeasuredSpend, [
      tx.project,
      tx.project,
      spend === null ? null : Number(spend.id.slice(1)),
      request.session,
      group.uses,
      known,
    ]);
    spends.push(...(spend === null ? [] : [spend]));
  }
  return { uses: fresh.length, spends, absorbedMicroUsd: absorbed };
}

/** Those of the uses that were not counted before. */
export async function unmeasured(
  reader: Reader,
  uses: readonly MeasuredUse[],
): Promise<readonly MeasuredUse[]> {
  const fresh: MeasuredUse[] = [];
  for (const use of uses) {
    const known = await reader.get<{ id: string }>(sql.selectMeasuredUse, [reader.project, use.id]);
    if (known === null) {
      fresh.push(use);
    }
  }
  return fresh;
}

/** What a session has reported and no record has shown yet. */
async function creditOf(tx: Transaction, session: SessionId | null): Promise<MicroUsd> {
  if (session === null) {
    return 0;
  }
  const params = [tx.project, session];
  const reported = await tx.get<{ micro_usd: number }>(sql.selectReported, params);
  const absorbed = await tx.get<{ micro_usd: number }>(sql.selectAbsorbed, params);
  return Math.max(0, (reported?.micro_usd ?? 0) - (absorbed?.micro_usd ?? 0));
}

interface Charge {
  readonly group: MeasuredGroup;
  readonly request: MeasureRequest;
  /** Of its cost, what was charged before. */
  readonly known: MicroUsd;
}

async function charge(
  deps: SpendingDeps,
  tx: Transaction,
  { group, request, known }: Charge,
): Promise<Spend> {
  const { claim, atMs, usage } = group;
  const cost = costOf(usage, deps.prices).microUsd;
  return record(deps, tx, {
    ...(claim ?? noClaim),
    session: request.session,
    usage: known === 0 ? usage : rest(usage, 1 - known / cost),
    atMs,
    actor: request.actor,
  });
}

const noClaim = { plan: null, task: null, fence: null, attempt: null, isFailed: false };

/** The share of a usage that is left to charge; the other share's tokens were reported. */
function rest(usage: Usage, share: number): Usage {
  const part = (count: number): number => Math.round(count * share);
  return {
    ...usage,
    inputTokens: part(usage.inputTokens),
    outputTokens: part(usage.outputTokens),
    cacheReadTokens: part(usage.cacheReadTokens),
    cacheWriteTokens: part(usage.cacheWriteTokens),
  };
}
