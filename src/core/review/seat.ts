import type { Model } from "../models/index.ts";

/** One reviewer of a panel. Two seats of one model are two reviewers. */
export interface Seat {
  /** From 1; lower seats propose first. */
  readonly number: number;
  readonly model: Model;
  /** Its vote's weight in thousandths: the model's, adjusted by what was learned. */
  readonly weight: number;
}
