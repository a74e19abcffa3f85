import { SkeinError } from "../../core/base/errors.ts";
import { serverErrors } from "./errors.ts";

/** Where a project of a server answers. */
export interface ServerAddress {
  /** Without a slash at the end; routes are appended to it. */
  readonly base: string;
  /** Of the server itself, whichever project. */
  readonly origin: string;
  readonly isLoopback: boolean;
}

/**
 * Reads the address of a server. It bears no secret: addresses are shown, logged, and seen by every process of the machine.
 *
 * @throws {SkeinError} SKN-1921; a name or password in it is not repeated.
 */
export function parseServerAddress(text: string): ServerAddress {
  const url = urlOf(text);
  if (url === null || !/^https?:$/u.test(url.protocol)) {
    throw bad("It is no http or https address.");
  }
  if (url.username !== "" || url.password !== "") {
    throw bad("It bears a name or a password.");
  }
  if (url.search !== "" || url.hash !== "" || text.includes("?") || text.includes("#")) {
    throw bad("It bears a query or a fragment.");
  }
  const isLoopback = isLoopbackName(url.hostname);
  if (url.protocol === "http:" && !isLoopback) {
    throw bad("Without TLS anybody on the way reads the token.");
  }
  const path = url.pathname.replace(/\/+$/u, "");
  return { base: `${url.origin}${path}`, origin: url.origin, isLoopback };
}

function urlOf(text: string): URL | null {
  return URL.canParse(text.trim()) ? new URL(text.trim()) : null;
}

/** Names that cannot lead off this machine. */
function isLoopbackName(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/u.test(host);
}

function bad(why: string): SkeinError {
  return new SkeinError(serverErrors.badAddress, {
    message: `The address of the server cannot be used. ${why}`,
  });
}
