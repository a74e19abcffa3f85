/** How much a model can do and costs; panels mix sizes (requirement A2). */
export type ModelSize = "large" | "medium" | "small";

/** One model of `skein.yml`: who serves it and how it wants to be called. */
export interface Model {
  /** Its name in `skein.yml`. */
  readonly name: string;
  /** The provider's name in `skein.yml`. */
  readonly provider: string;
  /** As its provider names it. */
  readonly id: string;
  /** Models that share training share errors; a family has one voice outside of itself. */
  readonly family: string;
  readonly size: ModelSize;
  /** Its vote's weight in thousandths. */
  readonly weight: number;
  readonly takes: ModelTakes;
}

/** What a model's interface takes; sending more makes several providers answer 400. */
export interface ModelTakes {
  /** False for reasoning models that refuse a temperature. */
  readonly temperature: boolean;
  /** The effort to ask for; null: nothing is sent. */
  readonly reasoning: "minimal" | "low" | "medium" | "high" | null;
  /** How the limit of output tokens is called on the wire. */
  readonly tokenParameter: "max_tokens" | "max_completion_tokens" | "max_output_tokens";
  /** Tokens on top of a request's limit, for models that think inside of it. */
  readonly thinkingTokens: number;
  /** Sent with every call. */
  readonly headers: Readonly<Record<string, string>>;
}
