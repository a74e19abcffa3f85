import type { GenerateRequest } from "../language-model.ts";
import type { ModelFault } from "../model-error.ts";
import type { RedactedKind } from "../redaction.ts";

/** What a policy did with a call: shown as progress, never needed for the result. */
export type ModelEvent =
  /** Held back by a rate limit; null: until another call gives way. */
  | { readonly kind: "waiting"; readonly request: GenerateRequest; readonly waitMs: number | null }
  /** What was held back goes now. */
  | { readonly kind: "waited"; readonly request: GenerateRequest; readonly waitedMs: number }
  /** A try at a provider has ended; null: with an answer. */
  | {
      readonly kind: "called";
      readonly request: GenerateRequest;
      readonly tookMs: number;
      readonly fault: ModelFault | "unknown" | null;
    }
  /** Will be tried again; `attempt` counts from 2. */
  | {
      readonly kind: "retrying";
      readonly request: GenerateRequest;
      readonly attempt: number;
      readonly delayMs: number;
      readonly fault: ModelFault;
    }
  /** Another model is asked in place of the one that failed. */
  | {
      readonly kind: "failing_over";
      readonly request: GenerateRequest;
      readonly to: string;
      readonly fault: ModelFault;
    }
  /** A breaker opened or closed. */
  | { readonly kind: "breaker"; readonly provider: string; readonly isOpen: boolean }
  /** Secrets were taken out of the prompt. */
  | {
      readonly kind: "redacted";
      readonly request: GenerateRequest;
      readonly found: readonly RedactedKind[];
    };

/** Hears of events; must not throw. */
export type OnModelEvent = (event: ModelEvent) => void;
