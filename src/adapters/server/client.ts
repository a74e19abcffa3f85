import { SkeinError } from "../../core/base/errors.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import type { Timer } from "../../core/base/timer.ts";
import type { ServerAddress } from "./address.ts";
import { readAnswer, wholeText } from "./answers.ts";
import type { WholeAnswer } from "./answers.ts";
import type { AwayMark } from "./away-mark.ts";
import { serverErrors } from "./errors.ts";
import { isBroken } from "./exchange.ts";
import type { Exchange, OpenAnswer, Sending } from "./exchange.ts";
import { isStream, readLiveAnswer } from "./live-answer.ts";
import { createReach } from "./reach.ts";

/** Asks one project of a server. */
export interface ServerClient {
  readonly address: ServerAddress;
  /**
   * Asks a route below the project, as `api/v1/tools/look`, and gives the object that it answers.
   *
   * A call that the server turned away, or that never reached it, is sent again as long as the patience lasts; one that may have been done
   * only where it says that it is repeatable.
   *
   * @throws {SkeinError} the server's own errors; SKN-7921 when nothing was done, SKN-7922 when that is not known, SKN-7923, SKN-3921.
   */
  ask(route: string, question: Question): Promise<LooseObject>;
  /** Opens an answer that goes on, as the stream of events; its status is good. @throws {SkeinError} as `ask`, tried once. */
  open(
    route: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<OpenAnswer>;
  /** One answer as it came, whatever its status, within a few seconds: for whoever finds out what is wrong. @throws {SkeinError} SKN-792x. */
  peek(route: string): Promise<WholeAnswer>;
  close(): void;
}

export interface Question {
  /** Null: a question without a body (GET). */
  readonly body: Readonly<Record<string, unknown>> | null;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** True when the same question asked twice is done once, or changes nothing. */
  readonly isRepeatable: boolean;
  /** How long to try again, in milliseconds. 0 tries once. */
  readonly patienceMs: number;
  /** How long of it while nothing answers at the address, in milliseconds. Default: all of it. */
  readonly awayMs?: number | undefined;
  /** Asks for a stream, and is told what the server says of how far the call is. Default: only the answer is asked for. */
  readonly onProgress?: ((told: LooseObject) => void) | undefined;
  /** How long one try may be without an answer, in milliseconds. Default 60 000: waits last up to 45. */
  readonly silenceMs?: number | undefined;
  readonly signal: AbortSignal | null;
}

export interface ServerClientDeps {
  readonly address: ServerAddress;
  readonly sending: Sending;
  /** The token, or null for none; `again` after the server refused the one before. */
  readonly token: (again: boolean) => Promise<string | null>;
  readonly timer: Timer;
  /** From 0 to 1, for the spread of repetitions. */
  readonly chance: () => number;
  /** What other programs of this clone know of the server. */
  readonly away: AwayMark;
  /** Told when the server is found away, and when it is there again. Default: nobody. */
  readonly onReach?: ((isThere: boolean) => void) | undefined;
}

const longestSilenceMs = 60_000;

export function createServerClient(deps: ServerClientDeps): ServerClient {
  const { address, timer } = deps;
  const reach = createReach(deps);
  return {
    address,
    ask: async (route, question) => {
      const { signal, isRepeatable, patienceMs } = question;
      const startMs = timer.nowMs();
      for (let attempt = 0; ; attempt += 1) {
        const outcome = await tryOnce(deps, route, question);
        reach.note(isAway(outcome));
        if (outcome.kind === "ok") {
          return outcome.answer;
        }
        const pauseMs = pauseBefore(outcome, attempt, deps.chance());
        const lastMs = isAway(outcome) ? reach.awayMs(question) : patienceMs;
        const isInTime = timer.nowMs() + pauseMs <= startMs + lastMs && !isAborted(signal);
        if (!isInTime || !mayRepeat(outcome, isRepeatable)) {
          reach.giveUp(isAway(outcome) && !isAborted(signal));
          throw outcome.error;
        }
        await timer.sleep(pauseMs, signal);
      }
    },
    open: async (route, headers, signal) => openStream(deps, route, { headers, signal }),
    peek: async (route) => peekAt(deps, route),
    close: deps.sending.close,
  };
}

function mayRepeat(outcome: Exclude<Outcome, { kind: "ok" }>, isRepeatable: boolean): boolean {
  return outcome.isPassing && (outcome.kind === "rejected" || isRepeatable);
}

function isAborted(signal: AbortSignal | null): boolean {
  return signal?.aborted === true;
}

/** True when nothing answers at the address. */
function isAway(outcome: Outcome): boolean {
  return outcome.kind === "rejected" && outcome.error.code === serverErrors.away.code;
}

const peekMs = 5_000;

async function peekAt(deps: ServerClientDeps, route: string): Promise<WholeAnswer> {
  const question = {
    body: null,
    isRepeatable: true,
    patienceMs: 0,
    silenceMs: peekMs,
    signal: null,
  };
  try {
    return await exchange(deps, route, question);
  } catch (error) {
    throw errorOf(deps.address, error);
  }
}

/** What came of one try: `rejected` was not done, of `unknown` nobody knows. */
type Outcome =
  | { readonly kind: "ok"; readonly answer: LooseObject }
  | {
      readonly kind: "rejected" | "unknown";
      readonly error: SkeinError;
      /** True when it may go better in a moment. */
      readonly isPassing: boolean;
    };

async function tryOnce(
  deps: ServerClientDeps,
  route: string,
  question: Question,
): Promise<Outcome> {
  try {
    return outcomeOf(await exchange(deps, route, question));
  } catch (error) {
    return faultOf(deps.address, error);
  }
}

/** 502 and 504 are a proxy's: behind it the call may have been done. */
function outcomeOf(answer: WholeAnswer): Outcome {
  try {
    return { kind: "ok", answer: readAnswer(answer) };
  } catch (error) {
    if (!(error instanceof SkeinError)) {
      throw error;
    }
    const { status } = answer;
    const isPassing = [429, 502, 503, 504].includes(status);
    return { kind: status === 429 ? "rejected" : "unknown", error, isPassing };
  }
}

function faultOf({ base }: ServerAddress, error: unknown): Exclude<Outcome, { kind: "ok" }> {
  if (!isBroken(error)) {
    throw error;
  }
  const entry = error.wasSent ? serverErrors.unclear : serverErrors.away;
  const words = error.wasSent ? "did not answer" : "cannot be reached";
  return {
    kind: error.wasSent ? "unknown" : "rejected",
    isPassing: true,
    error: new SkeinError(entry, {
      message: `The server at ${base} ${words}: ${error.message}.`,
      facts: { server: base },
      retryAfterMs: 1_000,
      cause: error,
    }),
  };
}

function errorOf(address: ServerAddress, error: unknown): unknown {
  return isBroken(error) ? faultOf(address, error).error : error;
}

function pauseBefore(
  outcome: Exclude<Outcome, { kind: "ok" }>,
  attempt: number,
  chance: number,
): number {
  const named = outcome.error.retryAfterMs ?? 0;
  const own = Math.min(100 * 2 ** attempt, 2_000);
  const isBusy =
    outcome.error.code !== serverErrors.away.code &&
    outcome.error.code !== serverErrors.unclear.code;
  return Math.round((isBusy ? Math.max(named, own) : own) * (0.75 + chance / 2));
}

async function exchange(
  deps: ServerClientDeps,
  route: string,
  question: Question,
): Promise<WholeAnswer> {
  const { body, signal, headers = {}, onProgress } = question;
  const accept = onProgress === undefined ? {} : { accept: "application/json, text/event-stream" };
  const answer = await sendKnown(deps, {
    method: body === null ? "GET" : "POST",
    url: urlOf(deps.address, route),
    headers: { ...accept, ...headers },
    body: body === null ? null : JSON.stringify(body),
    silenceMs: question.silenceMs ?? longestSilenceMs,
    signal,
  });
  if (onProgress !== undefined && isStream(answer)) {
    return readLiveAnswer(answer, onProgress);
  }
  return { status: answer.status, headers: answer.headers, text: await wholeText(answer) };
}

/** Sends with the token, and once more where that was refused: it may have been renewed since it was read. */
async function sendKnown(deps: ServerClientDeps, asked: Exchange): Promise<OpenAnswer> {
  const hasBody = asked.body !== null;
  const send = async (again: boolean): Promise<OpenAnswer> =>
    deps.sending.send({
      ...asked,
      headers: { ...(await commonHeaders(deps, hasBody, again)), ...asked.headers },
    });
  const answer = await send(false);
  if (answer.status !== 401) {
    return answer;
  }
  // Read to its end, so that the connection serves the next one.
  await wholeText(answer);
  return send(true);
}

/** Routes that begin with a slash are the server's own, not the project's. */
function urlOf({ base, origin }: ServerAddress, route: string): string {
  return route.startsWith("/") ? `${origin}${route}` : `${base}/${route}`;
}

async function commonHeaders(
  deps: ServerClientDeps,
  hasBody: boolean,
  again: boolean,
): Promise<Readonly<Record<string, string>>> {
  const token = await deps.token(again);
  return {
    accept: "application/json",
    "user-agent": "skein",
    ...(hasBody ? { "content-type": "application/json" } : {}),
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  };
}

interface Opening {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** A stream that says nothing for this long is dead: the server sends a sign of life every 15 seconds. */
const streamSilenceMs = 40_000;

async function openStream(
  deps: ServerClientDeps,
  route: string,
  { headers, signal }: Opening,
): Promise<OpenAnswer> {
  try {
    const answer = await sendKnown(deps, {
      method: "GET",
      url: urlOf(deps.address, route),
      headers: { accept: "text/event-stream", ...headers },
      body: null,
      silenceMs: streamSilenceMs,
      signal,
    });
    if (answer.status !== 200) {
      const text = await wholeText(answer);
      readAnswer({ status: answer.status, headers: answer.headers, text });
      throw new SkeinError(serverErrors.notSkein, { facts: { status: answer.status } });
    }
    return answer;
  } catch (error) {
    throw errorOf(deps.address, error);
  }
}
