import type { Timer } from "../../base/timer.ts";
import { ModelError, tellModelError } from "../../models/index.ts";
import type { Generation, LanguageModel, Model, ModelMessage } from "../../models/index.ts";
import type { AskingCost } from "./asking-cost.ts";
import { planSchema } from "../prompts/reply-shape.ts";
import type { PlanReply } from "../prompts/reply-shape.ts";
import { planTemperature, planTokens } from "../prompts/plan-prompt.ts";

/** The models that plan. */
export interface PlannerModels {
  readonly port: LanguageModel;
  /** On the planning tier: it plans the whole, and mends. */
  readonly planner: Model;
  /** The cheapest that there is, which plans parts at the same time; the planner itself where there is no other. */
  readonly cheap: Model;
  readonly timer: Timer;
  /** How long one try may take at the slower of their providers, in milliseconds. */
  readonly tryMs: number;
  /** What the ledger charged for a run, its failed tries too. */
  readonly billOf: (run: string) => Promise<AskingCost>;
}

/** One question. */
export interface Question {
  readonly messages: readonly ModelMessage[];
  readonly model: Model;
  readonly seat: string;
}

/** Asks models on behalf of one draft. */
export interface Asking {
  /** @throws {SkeinError} SKN-x75x when no answer came. */
  ask(question: Question): Promise<Generation<PlanReply>>;
}

export interface AskingDeps {
  readonly models: PlannerModels;
  /** Its budget and its calls are known under this name. */
  readonly run: string;
  readonly signal: AbortSignal;
}

export function createAsking({ models, run, signal }: AskingDeps): Asking {
  const asked = new Map<string, number>();
  return {
    ask: async ({ messages, model, seat }) => {
      const occurrence = (asked.get(seat) ?? 0) + 1;
      asked.set(seat, occurrence);
      return answered(
        models.port.generate({
          model,
          messages,
          schema: planSchema,
          maxOutputTokens: planTokens,
          temperature: planTemperature,
          signal,
          tag: { run, seat, phase: "plan", occurrence },
        }),
      );
    },
  };
}

async function answered<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw error instanceof ModelError ? tellModelError(error) : error;
  }
}
