import { createHash } from "node:crypto";
import type { DraftPlan, PlanSource } from "../draft.ts";

/** A draft as it is kept: what its hash is over, and what approval compares. */
export interface DraftRecord {
  readonly plan: DraftPlan;
  readonly origin: "reader" | "model";
  readonly source: Pick<PlanSource, "kind" | "file"> & { readonly sha256: string };
  /** The commit whose tree the scopes were checked against; null in a repository without one. */
  readonly base: string | null;
}

/** SHA-256 of a source's text, in hex. */
export function textHash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The name of a draft: SHA-256 over the plan, the source's text and the base commit, in hex. */
export function hashOf({ plan, source, base }: DraftRecord): string {
  const content = JSON.stringify(["skein plan draft 1", plan, source.kind, source.sha256, base]);
  return createHash("sha256").update(content).digest("hex");
}
