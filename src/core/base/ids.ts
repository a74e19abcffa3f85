import type { Random } from "./clock.ts";

/** A session's short public name in the ledger: `s` and a number, as `s7`. Not a secret. */
export type SessionId = `s${number}`;

/** Who caused a change: a session, a person at a terminal, or Skein itself (expiry, recovery). */
export type Actor = `session:${string}` | `person:${string}` | "system";

/** Millionths of a dollar; a whole number. */
export type MicroUsd = number;

export function isSessionId(text: string): text is SessionId {
  return /^s[1-9]\d*$/u.test(text);
}

export function sessionActor(id: SessionId): Actor {
  return `session:${id}`;
}

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** Makes 128 random bits as 26 characters of Crockford's base 32 (lower case, no i, l, o, u). */
export function randomToken(random: Random): string {
  let bits = 0n;
  for (const byte of random.bytes(16)) {
    bits = (bits << 8n) | BigInt(byte);
  }
  let text = "";
  for (let index = 0; index < 26; index += 1) {
    text = (alphabet[Number(bits & 31n)] ?? "") + text;
    bits >>= 5n;
  }
  return text;
}
