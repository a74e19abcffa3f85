import type { GenerateRequest, Generation, ModelMessage } from "../language-model.ts";
import { ModelError } from "../model-error.ts";
import type { RedactedKind, Redactor } from "../redaction.ts";
import type { OnModelEvent } from "./model-event.ts";
import type { Policy } from "./policy.ts";
import { redactAnswer } from "./redact-answer.ts";

export interface RedactingDeps {
  readonly redactor: Redactor;
  readonly onEvent: OnModelEvent;
}

/**
 * Takes secrets out of every message before anything else sees it: no provider gets one. Takes them out of every answer, too, before anybody
 * reads it, also of one that a cassette gives again.
 *
 * @throws {ModelError} `redaction` when the redactor fails: nothing is sent then, or the answer is not used.
 */
export function redacting({ redactor, onEvent }: RedactingDeps): Policy {
  return (next) => ({
    generate: async <T>(request: GenerateRequest<T>) => {
      const { messages, found } = await redactMessages(redactor, request.messages);
      if (found.length > 0) {
        onEvent({ kind: "redacted", request, found });
      }
      const answer = await next.generate({ ...request, messages });
      return redactedAnswer(redactor, request, answer);
    },
  });
}

/**
 * Takes secrets out of answers alone: it stands behind a cassette, which then keeps none that a model has said.
 *
 * @throws {ModelError} `redaction` when the redactor fails: the answer is neither kept nor used.
 */
export function redactingAnswers({ redactor }: Pick<RedactingDeps, "redactor">): Policy {
  return (next) => ({
    generate: async (request) => redactedAnswer(redactor, request, await next.generate(request)),
  });
}

async function redactedAnswer<T>(
  redactor: Redactor,
  { schema }: GenerateRequest<T>,
  answer: Generation<T>,
): Promise<Generation<T>> {
  try {
    return await redactAnswer(redactor, answer, schema);
  } catch (error) {
    throw new ModelError({
      fault: "redaction",
      message: "The answer could not be searched for secrets, so it was not used.",
      usage: answer.usage,
      cause: error,
    });
  }
}

interface RedactedMessages {
  readonly messages: readonly ModelMessage[];
  readonly found: readonly RedactedKind[];
}

async function redactMessages(
  redactor: Redactor,
  messages: readonly ModelMessage[],
): Promise<RedactedMessages> {
  try {
    const redacted = await Promise.all(messages.map(({ text }) => redactor.redact(text)));
    return {
      messages: messages.map((message, at) => ({ ...message, text: textOf(redacted[at]) })),
      found: redacted.flatMap(({ found }) => found),
    };
  } catch (error) {
    throw new ModelError({
      fault: "redaction",
      message: "The prompt could not be searched for secrets, so it was not sent.",
      wasSent: false,
      cause: error,
    });
  }
}

function textOf(redacted: { readonly text: string } | undefined): string {
  if (redacted === undefined) {
    throw new Error("a message was not redacted");
  }
  return redacted.text;
}
