import type { IncomingMessage, ServerResponse } from "node:http";
import { asCaller } from "../adapters/process/caller.ts";
import { countedAs } from "../core/access/index.ts";
import { SkeinError } from "../core/base/errors.ts";
import { asSkeinError } from "../mcp/index.ts";
import { errorBody } from "../core/base/error-body.ts";
import { retryHeaders, sendError, sendJson } from "./answers.ts";
import { originOf } from "./caller.ts";
import { answerBrowser } from "./cors.ts";
import { cutOffUnread, cutOffUnsent } from "./drains.ts";
import { httpErrors } from "./errors.ts";
import { metadataPath } from "./gate/index.ts";
import type { Principal } from "./gate/index.ts";
import type { Health } from "./health.ts";
import { noteRequest, withNote } from "./log/request-note.ts";
import type { RequestNote } from "./log/request-note.ts";
import type { AnsweredRequest } from "./log/server-log.ts";
import type { ServerParts } from "./parts.ts";
import { findRoute, parseTarget } from "./routes.ts";
import type { Found } from "./routes.ts";

type WideDoor = "livez" | "readyz" | "healthz" | "metrics" | "protected_resource";

/** The doors of the whole server, by path; `metrics` asks who comes, the others answer anybody. */
const serverWide: ReadonlyMap<string, WideDoor> = new Map([
  ["/livez", "livez"],
  ["/readyz", "readyz"],
  ["/healthz", "healthz"],
  ["/metrics", "metrics"],
]);

function doorAt(path: string): WideDoor | undefined {
  return path.startsWith(metadataPath) ? "protected_resource" : serverWide.get(path);
}

interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Takes every request to its door, and answers whatever goes wrong. Never rejects. */
export function createRouter(
  parts: ServerParts,
  health: Health,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) =>
    withNote(request, async (note) => {
      const startMs = performance.now();
      let route = "none";
      response.setHeader("x-request-id", note.id);
      try {
        const asked = askedOf(request, response);
        const wide = request.method === "GET" ? doorAt(asked.path) : undefined;
        if (wide !== undefined) {
          route = wide;
          await answerWide(parts, health, { ...asked, wide });
        } else if (!answerBrowser(request, response, parts.origins)) {
          const target = parseTarget(asked.path);
          const found = target === null ? null : findRoute(target.rest);
          route = found?.route.name ?? "none";
          await visitProject(parts, asked, { found, project: target?.project ?? parts.only });
        }
      } catch (error) {
        const known = asSkeinError(parts.faults, error);
        note.code = known.code;
        sendError(response, known);
      } finally {
        cutOffUnread(response, parts.streams.slowMs);
        cutOffUnsent(request, parts.streams.slowMs);
        const durationMs = performance.now() - startMs;
        tell(parts, note, { request, response, route, durationMs });
      }
    });
}

function tell(parts: ServerParts, note: RequestNote, facts: Answered): void {
  const { route, response, durationMs } = facts;
  parts.traffic.note(route, response.statusCode, durationMs * 1_000);
  if (!isQuiet(route, response)) {
    parts.logRequest(answered(note, facts));
  }
}

/** Probes come every few seconds: one that is answered well is no event. */
function isQuiet(route: string, { statusCode }: ServerResponse): boolean {
  return statusCode < 400 && serverWide.has(`/${route}`);
}

interface Answered extends Pick<Asked, "request" | "response"> {
  readonly route: string;
  readonly durationMs: number;
}

function answered(note: RequestNote, facts: Answered): AnsweredRequest {
  const { request, response, route, durationMs } = facts;
  return {
    ...note,
    method: request.method ?? "",
    route,
    status: response.statusCode,
    durationMs,
    isWhole: response.writableEnded && !response.destroyed,
  };
}

/** Tells clients without a token where to get one; there is nothing here without an identity provider. */
function describeResource({ gate }: ServerParts, { request, response, path }: Asked): void {
  const value = gate.describe(request, path.slice(metadataPath.length));
  if (value === null) {
    throw new SkeinError(httpErrors.noRoute);
  }
  // Pages of any origin may read where to sign in.
  sendJson(response, 200, { value, headers: { "access-control-allow-origin": "*" } });
}

function askedOf(request: IncomingMessage, response: ServerResponse): Asked {
  const [path = "/", query = ""] = (request.url ?? "/").split("?", 2);
  return { request, response, path, query: new URLSearchParams(query) };
}

async function answerWide(
  parts: ServerParts,
  health: Health,
  { wide, ...asked }: Asked & { readonly wide: WideDoor },
): Promise<void> {
  const { request, response } = asked;
  switch (wide) {
    case "protected_resource":
      describeResource(parts, asked);
      return;
    case "livez":
      health.live(response);
      return;
    case "readyz":
      await health.ready(response);
      return;
    case "healthz":
      await health.whole(response);
      return;
    case "metrics": {
      const principal = await admitted(parts, { request, response, project: parts.only ?? "" });
      if (principal !== null) {
        parts.gate.authorise(principal, "route:metrics");
        await health.metrics(response, principal);
      }
      return;
    }
    default:
      wide satisfies never;
  }
}

interface Wanted {
  readonly found: Found | null;
  readonly project: string | null;
}

/** What the doors of the whole server take; null: none of them is at the path. */
function allowedAt(path: string): readonly string[] | null {
  return doorAt(path) === undefined ? null : ["GET"];
}

/** Tells whoever asks a door in another way how it is asked. @throws {SkeinError} SKN-1936. */
function ensureMethod(
  { method = "" }: IncomingMessage,
  response: ServerResponse,
  allowed: readonly string[] | null,
): void {
  if (allowed === null || allowed.includes(method)) {
    return;
  }
  const methods = allowed.join(", ");
  response.setHeader("allow", methods);
  throw new SkeinError(httpErrors.wrongMethod, {
    message: `${method.slice(0, 20)} is not for this address, which takes ${methods}.`,
    facts: { allowed },
  });
}

/** One for all: each connection's end would make one of its own, with where it was made. */
const hungUp = new DOMException("The caller has gone.", "AbortError");

async function visitProject(
  parts: ServerParts,
  asked: Asked,
  { found, project: name }: Wanted,
): Promise<void> {
  const { request, response, query } = asked;
  noteRequest({ project: name?.slice(0, 300) ?? null });
  const gone = new AbortController();
  response.once("close", () => {
    gone.abort(hungUp);
  });
  // Who is not known learns nothing, not even what there is.
  const principal = await admitted(parts, { request, response, project: name ?? "" });
  if (principal === null) {
    return;
  }
  ensureMethod(request, response, found?.route.methods ?? allowedAt(asked.path));
  if (found === null) {
    throw new SkeinError(httpErrors.noRoute);
  }
  if (name === null) {
    throw new SkeinError(httpErrors.noProject);
  }
  parts.gate.authorise(principal, `route:${found.route.name}`);
  const project = await parts.projects.get(name);
  const { signal } = gone;
  if (signal.aborted) {
    // Who left meanwhile sends no more, and hears of no end: nothing is begun for them.
    return;
  }
  const room = parts.bodies.open(countedAs(principal));
  response.once("close", () => {
    room.close();
  });
  const { route, name: part } = found;
  const visit = { request, response, parts, project, principal, name: part, query, room, signal };
  // Doors behind which there are several acts name theirs in their stead.
  await asCaller(originOf(principal, `route:${route.name}`), async () => route.handle(visit));
}

interface Admitting {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly project: string;
}

/** The principal; null when the request was refused, which is then answered. */
async function admitted(
  { gate, refusals }: ServerParts,
  { request, response, project }: Admitting,
): Promise<Principal | null> {
  const admission = await gate.admit(request, project);
  if (admission.kind === "admitted") {
    noteRequest({ principal: admission.principal.id });
    return admission.principal;
  }
  const { status, error, headers } = admission;
  await refusals.due();
  noteRequest({ code: error.code });
  sendJson(response, status, {
    value: errorBody(error),
    headers: { ...retryHeaders(error), ...headers },
  });
  return null;
}
