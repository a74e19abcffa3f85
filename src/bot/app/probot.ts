import { SkeinError } from "../../core/base/errors.ts";
import { isLooseObject } from "../../core/base/loose-object.ts";
import { appErrors } from "./errors.ts";

/** An event that Probot hands to whoever listens. */
export interface ProbotEvent {
  readonly id: string;
  readonly name: string;
  readonly payload: unknown;
}

export interface ProbotOptions {
  readonly appId: number;
  readonly privateKey: string;
  readonly secret: string;
  readonly apiUrl: string;
  /** Called for every event; a failure of it is a failure of `receive`. */
  readonly onEvent: (event: ProbotEvent) => Promise<void>;
}

interface Taker {
  receive(event: ProbotEvent): Promise<void>;
}

/** Hands an event to all who listen; rejects with the first failure. */
export type Receive = (event: ProbotEvent) => Promise<void>;

/**
 * Opens Probot, which dispatches events. Its own door stays shut: it would answer after the work, and keep nothing.
 *
 * @throws {SkeinError} SKN-2691 when it is not installed.
 */
export async function openProbot(options: ProbotOptions): Promise<Receive> {
  const { Probot } = await loadProbot();
  const probot = new Probot({
    appId: options.appId,
    privateKey: options.privateKey,
    secret: options.secret,
    baseUrl: options.apiUrl,
    logFormat: "json",
    // What fails is told by our own log, without payloads.
    logLevel: "fatal",
  });
  await probot.ready();
  probot.onAny(async ({ id, name, payload }) => {
    await options.onEvent({ id, name, payload });
  });
  // Its types name every event of GitHub; it takes any.
  const taker: Taker = probot;
  return async (event) => {
    try {
      await taker.receive(event);
    } catch (error) {
      throw firstOf(error);
    }
  };
}

async function loadProbot() {
  try {
    return await import("probot");
  } catch (cause) {
    throw new SkeinError(appErrors.noProbot, { cause });
  }
}

/** What failed first: Probot gathers the failures of all listeners. */
function firstOf(error: unknown): unknown {
  const errors = isLooseObject(error) ? error["errors"] : undefined;
  return Array.isArray(errors) && errors.length > 0 ? (errors[0] as unknown) : error;
}
