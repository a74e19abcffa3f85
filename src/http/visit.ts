import type { IncomingMessage, ServerResponse } from "node:http";
import type { Principal } from "../core/access/index.ts";
import type { BodyShare } from "./body-room.ts";
import type { LiveProject } from "./live-projects.ts";
import type { ServerParts } from "./parts.ts";

/** One request for something in a project, by somebody who is known. */
export interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly parts: ServerParts;
  readonly project: LiveProject;
  readonly principal: Principal;
  /** The variable part of the route's path; empty where it has none. */
  readonly name: string;
  readonly query: URLSearchParams;
  /** For its body, and held until it was answered. */
  readonly room: BodyShare;
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal;
}

/** Answers a visit. @throws {SkeinError} which becomes the answer. */
export type Handle = (visit: Visit) => Promise<void>;
