import type { IncomingMessage } from "node:http";
import type { LooseObject } from "../core/base/loose-object.ts";
import { ownText, parseLooseObject } from "../core/base/loose-object.ts";
import type { EventOrigin } from "../core/events/index.ts";
import { callerText } from "../adapters/server/caller-text.ts";
import { stampIn } from "../adapters/server/process-stamp.ts";
import type { ProcessStamp } from "../core/sessions/index.ts";
import type { Principal } from "./gate/index.ts";
import type { RemoteCaller } from "../mcp/index.ts";

/** What a request says of its caller in its headers, percent-encoded. */
export function callerOfHeaders({ headers }: IncomingMessage): RemoteCaller {
  const text = (name: string): string | null => {
    const value = headers[name];
    return typeof value === "string" ? decoded(value) : null;
  };
  return {
    session: text("skein-session"),
    externalId: text("skein-external-id"),
    parentExternalId: text("skein-parent-external-id"),
    branch: text("skein-branch"),
    head: commitIn(text("skein-head")),
    gitDir: text("skein-git-dir"),
    process: null,
  };
}

/** The process that a caller of this machine names: only the token of this machine lets it, since no other can be looked at. */
export function processOf({ headers }: IncomingMessage, { kind }: Principal): ProcessStamp | null {
  const value = headers["skein-process"];
  const isNear = kind === "loopback" && typeof value === "string";
  const object = isNear ? parseLooseObject(decoded(value) ?? "") : null;
  return object === null ? null : stampIn(object);
}

/** What a body says of its caller: `session`, `external_id`, `branch`, `git_dir`. */
export function callerOfObject(object: LooseObject): RemoteCaller {
  const text = (name: string): string | null => callerText(ownText(object, name));
  return {
    session: text("session"),
    externalId: text("external_id"),
    parentExternalId: text("parent_external_id"),
    branch: text("branch"),
    head: null,
    gitDir: text("git_dir"),
    process: null,
  };
}

/** A commit is named in full, or it is none. */
function commitIn(text: string | null): string | null {
  return text !== null && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/u.test(text) ? text : null;
}

/** The client's name for itself, without its version. */
export function clientOf({ headers }: IncomingMessage): string | null {
  const given = headers["skein-client"];
  return typeof given === "string" ? (decoded(given)?.slice(0, 80) ?? null) : null;
}

function decoded(value: string): string | null {
  try {
    return callerText(decodeURIComponent(value));
  } catch {
    return null;
  }
}

/** What the log says of who asked for a change. */
export function originOf({ id, name }: Principal, action: string): EventOrigin {
  return { principal: id, name, action };
}
