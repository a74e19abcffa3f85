import type { LanguageModel } from "../language-model.ts";

/** Wraps a port and is one. State, such as a bucket or a breaker, lives as long as the wrapped port. */
export type Policy = (next: LanguageModel) => LanguageModel;

/** Puts policies around a port; the first is the outermost. */
export function stack(policies: readonly Policy[], port: LanguageModel): LanguageModel {
  return policies.reduceRight((inner, policy) => policy(inner), port);
}
