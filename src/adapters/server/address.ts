import { SkeinError } from "../../core/base/errors.ts";
import { isLoopbackName } from "../../core/base/loopback.ts";
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
  const isLoopback = url !== null && isLoopbackName(url.hostname);
  const fault = url === null ? "It is no http or https address." : faultOf(text, url, isLoopback);
  if (url === null || fault !== null) {
    throw new SkeinError(serverErrors.badAddress, {
      message: `The address of the server cannot be used. ${fault ?? ""}`,
    });
  }
  return {
    base: `${url.origin}${url.pathname.replace(/\/+$/u, "")}`,
    origin: url.origin,
    isLoopback,
  };
}

function faultOf(text: string, url: URL, isLoopback: boolean): string | null {
  if (!/^https?:$/u.test(url.protocol)) {
    return "It is no http or https address.";
  }
  if (url.username !== "" || url.password !== "") {
    return "It bears a name or a password.";
  }
  if (/[?#]/u.test(text)) {
    return "It bears a query or a fragment.";
  }
  return url.protocol === "http:" && !isLoopback
    ? "Without TLS anybody on the way reads the token."
    : null;
}

function urlOf(text: string): URL | null {
  return URL.canParse(text.trim()) ? new URL(text.trim()) : null;
}
