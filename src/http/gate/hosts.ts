import type { IncomingMessage } from "node:http";

/** The names under which a server answers, and the pages that may call it. */
export interface KnownNames {
  /** `name` (at any port) or `name:port`, in small letters, besides those of the machine itself. */
  readonly hosts: readonly string[];
  /** Exact, as `https://board.example.com`. */
  readonly origins: readonly string[];
}

/** Fewer than lead to this machine: under others nothing of Skein is asked for. */
const ownNames: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

const hostForm = /^(\[[0-9a-f:]{2,39}\]|[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?)(?::(\d{1,5}))?$/u;

/** True when a request names this server, once and exactly: a page whose name was pointed at this machine does not get through. */
export function isKnownHost(request: IncomingMessage, { hosts }: KnownNames): boolean {
  const host = hostOf(request);
  const [, name = "", port = null] = host === null ? [] : (hostForm.exec(host) ?? []);
  if (name === "") {
    return false;
  }
  return (
    ownNames.has(name) ||
    isWhereItCame(request, name) ||
    hosts.includes(name) ||
    (port !== null && hosts.includes(`${name}:${port}`))
  );
}

/**
 * True for the very address at which the request arrived, as Prometheus asks each pod. A page is of that address only where this server gave it:
 * what can be pointed elsewhere is a name, and no address.
 */
function isWhereItCame({ socket }: IncomingMessage, name: string): boolean {
  const address = (socket.localAddress ?? "").replace(/^::ffff:/u, "").toLowerCase();
  return address !== "" && name.replaceAll(/[[\]]/gu, "") === address;
}

/** True when a request names the machine itself. */
export function namesThisMachine(request: IncomingMessage): boolean {
  const [, name = ""] = hostForm.exec(hostOf(request) ?? "") ?? [];
  return ownNames.has(name);
}

/** True when a request comes from no page, from a page that is listed, or from a page of this very server. */
export function isKnownOrigin(request: IncomingMessage, { origins }: KnownNames): boolean {
  const given = valuesOf(request, "origin");
  const [origin] = given;
  if (origin === undefined) {
    return true;
  }
  const own = hostOf(request);
  return (
    given.length === 1 &&
    (origins.includes(origin) ||
      (own !== null && /^https?:\/\//u.test(origin) && origin.replace(/^https?:\/\//u, "") === own))
  );
}

/** The one `Host` header, in small letters; null where there is none or more than one. */
function hostOf(request: IncomingMessage): string | null {
  const given = valuesOf(request, "host");
  return given.length === 1 ? (given[0]?.toLowerCase() ?? null) : null;
}

/** Every value of a header as it came: the parser keeps only the first of some. */
export function valuesOf({ rawHeaders }: IncomingMessage, name: string): readonly string[] {
  return rawHeaders.flatMap((text, at) =>
    at % 2 === 0 && text.toLowerCase() === name ? [rawHeaders[at + 1] ?? ""] : [],
  );
}
