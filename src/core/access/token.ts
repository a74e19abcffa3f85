import type { Random } from "../base/clock.ts";
import { randomToken } from "../base/ids.ts";
import type { Role } from "./role.ts";

/** A token's short public name in its project: `t` and a number. Not a secret. */
export type TokenId = `t${number}`;

/** A personal token as it is kept. Its secret is shown once, when it is made, and stored as a hash only. */
export interface Token {
  readonly id: TokenId;
  readonly name: string;
  readonly role: Role;
  /** Who made it. */
  readonly madeBy: string;
  readonly madeAtMs: number;
  readonly expiresAtMs: number;
  readonly revokedAtMs: number | null;
  /** Written at most once a minute; null: never used. */
  readonly lastUsedAtMs: number | null;
  /** True: it came with an import, which brings no secrets; nobody can use it. */
  readonly isVoid: boolean;
}

export type TokenState = "good" | "expired" | "revoked" | "void";

/** What lasts when nothing is said: 30 days. */
export const usualLifeMs = 2_592_000_000;

export const shortestLifeMs = 60_000;

/** 365 days. */
export const longestLifeMs = 31_536_000_000;

/** What a token's text says of itself, before anything of it is believed. */
export interface NamedToken {
  readonly project: string;
  readonly id: TokenId;
}

/** At the very millisecond of its end a token is expired. */
export function stateOf(token: Token, nowMs: number): TokenState {
  if (token.revokedAtMs !== null) {
    return "revoked";
  }
  if (token.expiresAtMs <= nowMs) {
    return "expired";
  }
  return token.isVoid ? "void" : "good";
}

export function isTokenId(text: string): text is TokenId {
  return /^t[1-9]\d{0,14}$/u.test(text);
}

/**
 * The text of a new token: `skein_`, its project, its id, and 256 random bits. It names project and id so that it is looked up in that project
 * alone, and begins alike so that programs which search for secrets know it.
 */
export function mintText({ project, id }: NamedToken, random: Random): string {
  return `skein_${encoded(project)}_${id}_${randomToken(random)}${randomToken(random)}`;
}

const shape =
  /^skein_((?:[A-Za-z0-9.-]|~[0-9a-f]{2}){1,600})_(t[1-9]\d{0,14})_[0-9a-hjkmnp-tv-z]{52}$/u;

const longestText = 700;

/** Reads which token a text claims to be; null when it is none of Skein's. */
export function parseTokenText(text: string): NamedToken | null {
  const [, project = "", id = ""] = text.length > longestText ? [] : (shape.exec(text) ?? []);
  const decoded = decodedProject(project);
  return decoded === null || !isTokenId(id) ? null : { project: decoded, id };
}

/** Letters, digits, `.` and `-` stay; every other byte is `~` and two hex digits. */
function encoded(project: string): string {
  return Array.from(new TextEncoder().encode(project), (byte) => {
    const character = String.fromCodePoint(byte);
    return /[A-Za-z0-9.-]/u.test(character) ? character : `~${byte.toString(16).padStart(2, "0")}`;
  }).join("");
}

/** Null for what `encoded` never writes, so that a token has one text only. */
function decodedProject(text: string): string | null {
  const bytes = (text.match(/~..|./gu) ?? []).map((part) =>
    part.length === 3 ? Number.parseInt(part.slice(1), 16) : (part.codePointAt(0) ?? 0),
  );
  const project = new TextDecoder().decode(Uint8Array.from(bytes));
  return project !== "" && encoded(project) === text ? project : null;
}
