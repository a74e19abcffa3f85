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
