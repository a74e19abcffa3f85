/** A bug that is planted on purpose: one text of one source file, replaced while it is loaded. Nothing is written to disk. */
export interface Plant {
  /** What is wrong then. */
  readonly name: string;
  /** Below `src/core`. */
  readonly file: string;
  readonly text: string;
  readonly bug: string;
  /** The proof that must find it. */
  readonly proof: "clocks" | "histories" | "lock" | "race";
}

const statements = "plans/statements.ts";

/** The bugs of R30; each of them has been made in some system of this kind. */
export const plants: readonly Plant[] = [
  {
    name: "a submission is accepted under any fence",
    file: statements,
    text: "AND id = ? AND status = 'claimed' AND session = ? AND fence = ?`;\n\n/** Ends a claim that",
    bug: "AND id = ? AND status = 'claimed' AND ? <> '' AND ? >= 0`;\n\n/** Ends a claim that",
    proof: "histories",
  },
  {
    name: "progress is accepted under any fence",
    file: statements,
    text: "AND status = 'claimed' AND session = ? AND fence = ?`;\n\nexport const submitTask",
    bug: "AND status = 'claimed' AND ? <> '' AND ? >= 0`;\n\nexport const submitTask",
    proof: "histories",
  },
  {
    name: "a fence is used twice",
    file: "dispatch/claim.ts",
    text: "const fence = await deps.events.nextSeq(tx);",
    bug: "const fence = (await deps.events.nextSeq(tx)) - 1;",
    proof: "histories",
  },
  {
    name: "two patterns conflict only when their texts are the same",
    file: "leases/intersect.ts",
    text: 'if (one.kind !== "glob" && other.kind !== "glob") {',
    bug: 'if (one.kind !== other.kind || one.text !== other.text) { return false; }\n    if (one.kind !== "glob" && other.kind !== "glob") {',
    proof: "histories",
  },
  {
    name: "a shared lease keeps no exclusive one out",
    file: "leases/lease.ts",
    text: 'return one === "exclusive" || other === "exclusive";',
    bug: 'return one === "exclusive" && other === "exclusive";',
    proof: "histories",
  },
  {
    name: "a lease never ends by time",
    file: "leases/lease.ts",
    text: "(lease.untilMs === null || lease.untilMs > nowMs)",
    bug: "(lease.untilMs === null || lease.untilMs > 0 * nowMs)",
    proof: "histories",
  },
  {
    name: "submitted work is open to others before it is integrated",
    file: "dispatch/finish.ts",
    text: 'if (task.verify !== "none") {',
    bug: 'if (task.verify !== "none" && under.fence < 0) {',
    proof: "histories",
  },
  {
    name: "a dead process keeps its work until its time is over",
    file: "sessions/liveness.ts",
    text: "if (facts.isAlive === false) {",
    bug: "if (facts.isAlive === false && session.endedAtMs !== null) {",
    proof: "histories",
  },
  {
    name: "money of a lost claim stays set aside",
    file: "dispatch/recover.ts",
    text: "await deps.costs.settle(tx, {",
    bug: "await (async (..._: readonly unknown[]) => {})(tx, {",
    proof: "histories",
  },
  {
    name: "a budget forgets what is set aside",
    file: "costs/budget.ts",
    text: "return budget.spentMicroUsd + budget.reservedMicroUsd;",
    bug: "return budget.spentMicroUsd;",
    proof: "histories",
  },
  {
    name: "a key does not keep a call from running again",
    file: "sessions/once.ts",
    text: "if (known !== null) {",
    bug: "if (known !== null && known.call_hash !== call) {",
    proof: "histories",
  },
  {
    name: "the log leaves numbers out",
    file: "events/events.ts",
    text: "const seq = open.seq + 1;",
    bug: "const seq = open.seq + (open.seq % 5 === 4 ? 2 : 1);",
    proof: "histories",
  },
  {
    name: "an event's hash does not follow from the one before",
    file: "events/events.ts",
    text: "open.hash = hashAfter(open.hash, text);",
    bug: "open.hash = hashAfter(genesisHash, text);",
    proof: "histories",
  },
  {
    name: "a failed task is tried again for ever",
    file: "plans/retry.ts",
    text: "if (count > policy.retries) {",
    bug: "if (count > policy.retries + 1e9) {",
    proof: "histories",
  },
  {
    name: "an acknowledged write is not committed",
    file: "store/dialects/sqlite-transactions.ts",
    text: "const hasBeat = beat.record(tx.nowMs);\n        commit.run();",
    bug: "const hasBeat = beat.record(tx.nowMs);\n        (tx.nowMs % 3 === 0 ? rollback : commit).run();",
    proof: "histories",
  },
  {
    name: "time is the wall clock's",
    file: "store/time.ts",
    text: "return anchor.storeMs + (source.monotonicMs() - anchor.monotonicMs);",
    bug: "return anchor === null ? 0 : source.wallMs();",
    proof: "clocks",
  },
  {
    name: "a write begins without the lock",
    file: "store/dialects/sqlite-transactions.ts",
    text: 'connection.prepare("BEGIN IMMEDIATE")',
    bug: 'connection.prepare("BEGIN DEFERRED")',
    proof: "lock",
  },
  {
    name: "a busy file counts as written",
    file: "store/dialects/sqlite-waiting.ts",
    text: "patience.refuseFurther(error);\n      }\n      await wait();",
    bug: "if (isBusy(error)) { return undefined as never; }\n        patience.refuseFurther(error);\n      }\n      await wait();",
    proof: "race",
  },
];
