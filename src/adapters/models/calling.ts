import { SkeinError } from "../../core/base/errors.ts";
import { ModelError } from "../../core/models/index.ts";
import type { GenerateRequest, Generation, LanguageModel } from "../../core/models/index.ts";
import { badBody, givenUp, modelErrorOf } from "./failures.ts";
import type { FailedCall } from "./failures.ts";
import { limitsOf } from "./limits.ts";
import type { ProviderConfig, ProviderKey, RawReply } from "./provider.ts";
import { objectOf } from "./reply.ts";
import type { Reply } from "./reply.ts";

/** What one wire format adds: how to ask, and how to read the answer. */
export interface Dialect {
  ask(request: GenerateRequest, key: string | null): Promise<RawReply>;
  /** Null when the body is no answer of this format. */
  read(body: unknown): Reply | null;
}

/** Makes a provider of a dialect: it looks the key up, asks once, and turns every failure into a `ModelError`. */
export function createCalling(provider: ProviderConfig, dialect: Dialect): LanguageModel {
  return {
    generate: async <T>(request: GenerateRequest<T>): Promise<Generation<T>> => {
      const { signal, model, schema } = request;
      if (signal.aborted) {
        throw givenUp(signal, false);
      }
      const key = provider.key === null ? null : await keyOf(provider.key, provider);
      try {
        const raw = await dialect.ask(request, key);
        const reply = dialect.read(raw.body);
        if (reply === null) {
          throw badBody(raw, failed(provider, request));
        }
        const object = schema === undefined ? null : objectOf(reply.text, schema);
        return {
          ...reply,
          object,
          model,
          limits: limitsOf(raw.headers, Date.now()),
          isCached: false,
        };
      } catch (error) {
        throw modelErrorOf(error, failed(provider, request));
      }
    },
  };
}

/** Reads an answer as it came: a client's own reading trips over bodies that are none. */
export async function rawReply(response: Response): Promise<RawReply> {
  const body: unknown = await response.json();
  return { body, headers: response.headers };
}

function failed(provider: ProviderConfig, request: GenerateRequest): FailedCall {
  return { provider, request, nowMs: Date.now() };
}

async function keyOf(key: ProviderKey, { name }: ProviderConfig): Promise<string> {
  const value = await key.read().catch((error: unknown) => {
    const why = error instanceof SkeinError ? ` ${error.message} ${error.fix}` : "";
    throw keyError(`The key of provider ${name} (${key.reference}) cannot be read.${why}`, error);
  });
  if (!keyForm.test(value)) {
    throw keyError(
      `What ${key.reference} names is no key of provider ${name}: it is empty or has blanks, line breaks or letters that no header takes.`,
    );
  }
  return value;
}

/** What a header takes; a client that meets anything else puts the whole key into its error. */
const keyForm = /^[!-~]+$/u;

function keyError(message: string, cause?: unknown): ModelError {
  return new ModelError({ fault: "auth", message, wasSent: false, cause });
}
