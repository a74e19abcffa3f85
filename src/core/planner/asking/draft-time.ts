import { phaseMsFor } from "../../models/index.ts";
import { mostRepairs } from "./propose.ts";

const basisMs = 300_000;
const stepMs = 60_000;

/**
 * How long a draft may take with all that its calls wait for, in milliseconds: a plan's time (requirement A6), each question being a step. Longer
 * where the tries of its rounds need more: the parts of a goal are asked about at the same time, and each repair is a round of its own.
 */
export function draftMsFor(parts: number, tryMs: number): number {
  const questions = Math.max(1, parts) + mostRepairs;
  return Math.max(questions * stepMs + basisMs, (1 + mostRepairs) * phaseMsFor(tryMs));
}
