import { SkeinError } from "../../base/errors.ts";
import { storeErrors } from "../errors.ts";

/** Where a database is, in words that may be shown: no password and no options. */
export interface DatabaseAddress {
  /** As `postgres://skein@db.example:5432/team`. */
  readonly shown: string;
  readonly hasPassword: boolean;
}

/** Reads `postgres://user@host:port/database`. @throws {SkeinError} SKN-2021, in which the text is not repeated. */
export function parseDatabaseUrl(url: string): DatabaseAddress {
  const [, authority = ""] = /^postgres(?:ql)?:\/\/([^/?#]*)/u.exec(url) ?? [];
  if (authority.slice(authority.lastIndexOf("@") + 1).includes(",")) {
    throw new SkeinError(storeErrors.badAddress, {
      message: "The address of the database names several hosts.",
      fix: "Name one that follows the primary: a DNS name, an address that moves, or a proxy such as HAProxy or PgBouncer.",
    });
  }
  const parsed = URL.parse(url);
  if (parsed === null || !/^postgres(?:ql)?:$/u.test(parsed.protocol)) {
    throw new SkeinError(storeErrors.badAddress);
  }
  const user = parsed.username === "" ? "" : `${parsed.username}@`;
  const host = parsed.host === "" ? (parsed.searchParams.get("host") ?? "") : parsed.host;
  return {
    shown: `postgres://${user}${host}${parsed.pathname}`,
    hasPassword: parsed.password !== "" || parsed.searchParams.has("password"),
  };
}

/** True for a text that is an address, as against a reference to one. */
export function isDatabaseUrl(text: string): boolean {
  return /^postgres(?:ql)?:\/\//u.test(text);
}
