import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { authorise } from "../../core/access/index.ts";
import type { ErrorEntry } from "../../core/base/errors.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { httpErrors } from "../errors.ts";
import type { Admission, Gate } from "./gate.ts";

export interface LoopbackGateOptions {
  /** The random token of this start. */
  readonly token: string;
  /** Who the user of this machine is, for people. */
  readonly person: string;
  /** Origins of pages that may call, beside those of this machine. */
  readonly origins: readonly string[];
}

const names = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Lets in whoever can read the token's file on this machine; names of other machines are refused, so that no foreign page gets through. */
export function createLoopbackGate({ token, person, origins }: LoopbackGateOptions): Gate {
  const expected = digest(token);
  return {
    admit: async (request, project) => {
      if (!isKnownHost(request) || !isKnownOrigin(request, origins)) {
        return refused(403, httpErrors.wrongHost, {});
      }
      const given = bearerOf(request);
      if (given === null || !timingSafeEqual(digest(given), expected)) {
        return refused(401, httpErrors.noToken, { "www-authenticate": 'Bearer realm="skein"' });
      }
      return {
        kind: "admitted",
        principal: { id: "loopback", kind: "loopback", name: person, role: "admin", project },
      };
    },
    authorise,
  };
}

function refused(
  status: number,
  entry: ErrorEntry,
  headers: Readonly<Record<string, string>>,
): Admission {
  return { kind: "refused", status, error: new SkeinError(entry), headers };
}

function isKnownHost({ headers }: IncomingMessage): boolean {
  const host = /^(\[[0-9a-f:]+\]|[\w.-]+)(?::\d{1,5})?$/iu.exec(headers.host ?? "")?.[1];
  return host !== undefined && names.has(host.toLowerCase());
}

function isKnownOrigin({ headers }: IncomingMessage, allowed: readonly string[]): boolean {
  const { origin } = headers;
  if (origin === undefined || allowed.includes(origin)) {
    return true;
  }
  const host = /^https?:\/\/(\[[0-9a-f:]+\]|[\w.-]+)(?::\d{1,5})?$/iu.exec(origin)?.[1];
  return host !== undefined && names.has(host.toLowerCase());
}

function bearerOf({ headers }: IncomingMessage): string | null {
  return /^Bearer ([\w.~+/=-]{1,4096})$/iu.exec(headers.authorization ?? "")?.[1] ?? null;
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
