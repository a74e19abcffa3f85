import { SkeinError } from "../../core/base/errors.ts";
import type { ErrorKind } from "../../core/base/errors.ts";
import {
  isLooseObject,
  ownObject,
  ownText,
  ownValue,
  parseLooseObject,
} from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { cleanLine } from "../../core/base/text.ts";
import { endless, largestAnswer } from "./bounds.ts";
import { serverErrors } from "./errors.ts";
import type { OpenAnswer } from "./exchange.ts";
import { createStreamReader } from "./stream-reader.ts";

/** A whole answer of the server. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** The body of an answer, read to its end. @throws {SkeinError} SKN-2922 for one that does not end. */
export async function wholeText(answer: OpenAnswer): Promise<string> {
  let text = "";
  for await (const piece of answer.pieces()) {
    text += piece;
    if (text.length > largestAnswer) {
      answer.drop();
      throw endless();
    }
  }
  return text;
}

/** The object in an answer that says yes. @throws {SkeinError} the server's own error, or what its answer means. */
export function readAnswer(answer: WholeAnswer): LooseObject {
  const object = parseLooseObject(jsonOf(answer));
  const isGood = answer.status >= 200 && answer.status < 300;
  if (isGood && object !== null) {
    return object;
  }
  throw object === null ? errorOfStatus(answer) : errorIn(object, answer);
}

/** The MCP door answers with a stream of one message. */
function jsonOf({ headers, text }: WholeAnswer): string {
  const isStream = /^text\/event-stream\b/u.test(headers["content-type"] ?? "");
  return isStream ? (createStreamReader()(`${text}\n\n`).at(-1)?.data ?? "") : text;
}

/** What the server says went wrong, as if it had gone wrong here. Words of no server drive a terminal. */
export function errorIn(
  object: LooseObject,
  answer: Pick<WholeAnswer, "status" | "headers" | "text">,
): SkeinError {
  const error = ownValue(object, "error");
  const code = isLooseObject(error) ? ownText(error, "code") : null;
  if (!isLooseObject(error) || code === null || !isCode(code)) {
    return errorOfStatus(answer);
  }
  const message = cleanLine(ownText(error, "message") ?? code, 2_000);
  const fix = cleanLine(ownText(error, "fix") ?? serverErrors.failed.fix, 2_000);
  const why = cleanLine(ownText(error, "cause") ?? "", 2_000);
  return new SkeinError(
    { code, kind: kindOf(error, code), title: message, cause: why, fix },
    {
      facts: ownObject(error, "facts"),
      retryAfterMs: numberAt(error, "retry_after_ms") ?? retryAfterMs(answer.headers) ?? undefined,
    },
  );
}

function errorOfStatus({ status, headers }: Pick<WholeAnswer, "status" | "headers">): SkeinError {
  const facts = { status };
  const message = `The server answered with status ${String(status)}.`;
  if (status === 401 || status === 403) {
    return new SkeinError(serverErrors.refused, { message, facts });
  }
  if (status === 429 || status === 503) {
    return new SkeinError(serverErrors.busy, {
      message,
      facts,
      retryAfterMs: retryAfterMs(headers) ?? 1_000,
    });
  }
  return status >= 500
    ? new SkeinError(serverErrors.failed, { message, facts })
    : new SkeinError(serverErrors.notSkein, { message, facts });
}

/** When the server wants to be asked again; null where it does not say so in seconds. */
export function retryAfterMs(headers: Readonly<Record<string, string>>): number | null {
  const text = headers["retry-after"] ?? "";
  return /^\d{1,6}(?:\.\d{1,3})?$/u.test(text) ? Math.round(Number(text) * 1_000) : null;
}

function isCode(text: string): text is `SKN-${number}` {
  return /^SKN-\d{4}$/u.test(text);
}

/** The first digit of a code tells its kind, where the server does not. */
const kinds: readonly ErrorKind[] = [
  "failed",
  "usage",
  "config",
  "auth",
  "conflict",
  "missing",
  "budget",
  "unavailable",
  "unsafe",
  "timeout",
];

function kindOf(error: LooseObject, code: string): ErrorKind {
  const named = ownText(error, "kind");
  return kinds.find((kind) => kind === named) ?? kinds[Number(code.charAt(4))] ?? "failed";
}

function numberAt(object: LooseObject, key: string): number | null {
  const value = ownValue(object, key);
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}
