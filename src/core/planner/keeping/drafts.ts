import { SkeinError } from "../../base/errors.ts";
import type { Actor } from "../../base/ids.ts";
import type { Events } from "../../events/index.ts";
import type { Reader, Transaction } from "../../store/index.ts";
import { plannerErrors } from "../errors.ts";
import * as sql from "../tables.ts";
import { hashOf } from "./record.ts";
import type { DraftRecord } from "./record.ts";

/** A draft with its name. */
export interface KeptDraft extends DraftRecord {
  readonly hash: string;
  /** Null until somebody approves it. */
  readonly approvedAtMs: number | null;
}

/** Where drafts wait for approval: the newest 100. */
export interface Drafts {
  /** Keeps a draft and gives its hash. The same draft again stays one. */
  keep(tx: Transaction, record: DraftRecord, actor: Actor): Promise<string>;
  /** Finds a draft by its hash, or by the first 8 digits or more. @throws {SkeinError} SKN-1844, SKN-5841. */
  find(reader: Reader, hash: string): Promise<KeptDraft>;
  /** Writes down that a draft was approved. */
  approve(tx: Transaction, draft: KeptDraft, actor: Actor): Promise<void>;
}

const mostKept = 100;

export function createDrafts({ events }: { readonly events: Events }): Drafts {
  return {
    keep: async (tx, record, actor) => {
      const hash = hashOf(record);
      const { id, tasks } = record.plan;
      await tx.put(sql.upsertDraft, [
        tx.project,
        hash,
        id,
        actor,
        tx.nowMs,
        JSON.stringify(record),
      ]);
      await tx.put(sql.deleteOldDrafts, [tx.project, tx.project, mostKept]);
      const data = { plan: id, hash, origin: record.origin, tasks: tasks.length };
      await events.append(tx, { kind: "plan.drafted", actor, cause: null, data, changes: [] });
      return hash;
    },
    find,
    approve: async (tx, { hash, plan }, actor) => {
      await tx.put(sql.updateApproved, [tx.nowMs, tx.project, hash]);
      const data = { plan: plan.id, hash };
      await events.append(tx, { kind: "plan.approved", actor, cause: null, data, changes: [] });
    },
  };
}

async function find(reader: Reader, hash: string): Promise<KeptDraft> {
  const digits = hash.toLowerCase();
  if (!/^[0-9a-f]{8,64}$/u.test(digits)) {
    throw new SkeinError(plannerErrors.badHash, {
      message: `${JSON.stringify(hash)} is no hash of a draft.`,
    });
  }
  const rows = await reader.all<sql.DraftRow>(sql.selectDrafts, [
    reader.project,
    digits,
    `${digits}g`,
  ]);
  const [row, other] = rows;
  if (row === undefined) {
    throw new SkeinError(plannerErrors.noDraft, {
      message: `There is no draft ${digits}.`,
      facts: { hash: digits },
    });
  }
  if (other !== undefined) {
    throw new SkeinError(plannerErrors.badHash, {
      message: `Two drafts begin with ${digits}.`,
      fix: "Give more digits of the hash.",
    });
  }
  const record: DraftRecord = JSON.parse(row.record);
  return { ...record, hash: row.hash, approvedAtMs: row.approved_at_ms };
}
