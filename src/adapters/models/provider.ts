/** How a provider is spoken to. Both OpenAI kinds use the Responses interface for models that take `max_output_tokens`, else chat. */
export type ProviderKind = "anthropic" | "openai" | "openai-compatible";

/** One provider of `skein.yml`. */
export interface ProviderConfig {
  /** Its name in `skein.yml`. */
  readonly name: string;
  readonly kind: ProviderKind;
  /** Null: the provider's own address. `openai-compatible` needs one. */
  readonly baseUrl: string | null;
  /** Null: no key is sent, as to a local server. */
  readonly key: ProviderKey | null;
  /** False where the server knows no JSON Schema: the prompt alone says what shape is wanted. Default true. */
  readonly takesSchema?: boolean | undefined;
}

/** A key that is looked up when a call is made, not before. */
export interface ProviderKey {
  /** As `skein.yml` has it: `env:NAME`. It stands in error messages; the value never does. */
  readonly reference: string;
  /** @throws {SkeinError} when there is none. */
  readonly read: () => Promise<string>;
}

/** A provider's answer before anybody looked at it. */
export interface RawReply {
  readonly body: unknown;
  readonly headers: Headers;
}
