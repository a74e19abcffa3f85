import { hash, timingSafeEqual } from "node:crypto";

import type { Random } from "../base/clock.ts";
import { SkeinError } from "../base/errors.ts";
import type { Actor } from "../base/ids.ts";
import { cleanLine } from "../base/text.ts";
import type { EntityChange, Events } from "../events/index.ts";
import type { Reader, Store, Transaction } from "../store/index.ts";
import { accessErrors } from "./errors.ts";
import type { Principal } from "./principal.ts";
import type { Role } from "./role.ts";
import * as sql from "./tables.ts";
import {
  longestLifeMs,
  mintText,
  parseTokenText,
  shortestLifeMs,
  stateOf,
  usualLifeMs,
} from "./token.ts";
import type { Token, TokenId } from "./token.ts";

/** A token to be made. */
export interface TokenRequest {
  readonly role: Role;
  /** For people, at most 60 characters. Default: the role and the id. */
  readonly name?: string | null | undefined;
  /** From one minute to 365 days. Default 30 days. */
  readonly expiresInMs?: number | null | undefined;
  readonly by: Actor;
}

/** A new token, and its text, which is nowhere kept. */
export interface MintedToken {
  readonly token: Token;
  readonly text: string;
}

/** Personal tokens of one project. */
export interface Tokens {
  /** @throws {SkeinError} SKN-1351 for a life out of range, SKN-4351 when 1,000 are good. */
  create(tx: Transaction, request: TokenRequest): Promise<MintedToken>;
  /** All that are kept, the oldest first. */
  list(reader: Reader): Promise<readonly Token[]>;
  get(reader: Reader, id: TokenId): Promise<Token | null>;
  /** Takes a token back; what it was before. Of one that is revoked already nothing changes. @throws {SkeinError} SKN-5351 when there is none. */
  revoke(tx: Transaction, id: TokenId, by: Actor): Promise<Token>;
  /**
   * Tells who holds a token. Notes that it was used, at most once a minute.
   * @throws {SkeinError} SKN-3351 when it is not known here, SKN-3352 when it was revoked, SKN-3353 when it has expired.
   */
  authenticate(store: Store, text: string): Promise<Principal>;
  /** Makes sure that a token which was shown before still counts. @throws {SkeinError} as `authenticate`. */
  ensureGood(reader: Reader, id: TokenId): Promise<void>;
  /** Forgets tokens that ended before a time, and tells how many. */
  prune(tx: Transaction, beforeMs: number): Promise<number>;
}

export interface TokensDeps {
  readonly events: Events;
  readonly random: Random;
}

/** How many tokens of a project may be good at a time. */
const maxGood = 1_000;

/** The use of a token is written down at most this often. */
const usedEveryMs = 60_000;

export function createTokens({ events, random }: TokensDeps): Tokens {
  return {
    create: async (tx, request) => create({ events, random }, tx, request),
    list: async (reader) => {
      const rows = await reader.all<sql.TokenRow>(sql.selectTokens, [reader.project]);
      return rows.map(tokenOf);
    },
    get: async (reader, id) => {
      const row = await find(reader, id);
      return row === null ? null : tokenOf(row);
    },
    revoke: async (tx, id, by) => revoke(events, tx, { id, by }),
    authenticate,
    ensureGood: async (reader, id) => {
      const row = await find(reader, id);
      if (row === null) {
        throw new SkeinError(accessErrors.unknownToken);
      }
      refuseEnded(tokenOf(row), reader.nowMs);
    },
    prune: async (tx, beforeMs) =>
      tx.run(sql.deleteOld, [tx.project, beforeMs, beforeMs, tx.project]),
  };
}

async function create(
  { events, random }: TokensDeps,
  tx: Transaction,
  { role, name, expiresInMs, by }: TokenRequest,
): Promise<MintedToken> {
  const lifeMs = lifeOf(expiresInMs ?? usualLifeMs);
  await refuseTooMany(tx);
  const last = await tx.get<Pick<sql.TokenRow, "number">>(sql.selectLastNumber, [tx.project]);
  const id: TokenId = `t${(last?.number ?? 0) + 1}`;
  const token: Token = {
    id,
    name: cleanLine(name ?? "", 60) || `${role}-${id}`,
    role,
    madeBy: by,
    madeAtMs: tx.nowMs,
    expiresAtMs: tx.nowMs + lifeMs,
    revokedAtMs: null,
    lastUsedAtMs: null,
    isVoid: false,
  };
  const text = mintText({ project: tx.project, id }, random);
  await tx.put(sql.insertToken, [
    tx.project,
    sql.numberOf(id),
    token.name,
    role,
    hash("sha256", text),
    by,
    token.madeAtMs,
    token.expiresAtMs,
  ]);
  await append(events, tx, { kind: "token.created", token, by });
  return { token, text };
}

function lifeOf(lifeMs: number): number {
  if (!(lifeMs >= shortestLifeMs && lifeMs <= longestLifeMs)) {
    throw new SkeinError(accessErrors.badExpiry, {
      facts: { expires_in_ms: lifeMs, from: shortestLifeMs, to: longestLifeMs },
    });
  }
  return Math.ceil(lifeMs);
}

async function refuseTooMany(tx: Transaction): Promise<void> {
  const row = await tx.get<{ readonly count: number }>(sql.countGood, [tx.project, tx.nowMs]);
  if ((row?.count ?? 0) >= maxGood) {
    throw new SkeinError(accessErrors.tooManyTokens, { facts: { limit: maxGood } });
  }
}

async function revoke(
  events: Events,
  tx: Transaction,
  { id, by }: { readonly id: TokenId; readonly by: Actor },
): Promise<Token> {
  const row = await find(tx, id);
  if (row === null) {
    throw new SkeinError(accessErrors.noToken, {
      message: `There is no token ${id}.`,
      facts: { token: id },
    });
  }
  const token = tokenOf(row);
  if ((await tx.run(sql.updateRevoked, [tx.nowMs, tx.project, sql.numberOf(id)])) > 0) {
    const revoked = { ...token, revokedAtMs: tx.nowMs };
    await append(events, tx, { kind: "token.revoked", token: revoked, by });
  }
  return token;
}

/** The row is found by what the text says of itself; only its hash proves anything, and is compared in constant time. */
async function authenticate(store: Store, text: string): Promise<Principal> {
  const named = parseTokenText(text);
  if (named === null || named.project !== store.project) {
    throw new SkeinError(accessErrors.unknownToken);
  }
  const { row, nowMs } = await store.read(async (reader) => ({
    row: await find(reader, named.id),
    nowMs: reader.nowMs,
  }));
  if (row === null || !isHashOf(text, row.hash)) {
    throw new SkeinError(accessErrors.unknownToken);
  }
  const token = tokenOf(row);
  refuseEnded(token, nowMs);
  if (token.lastUsedAtMs === null || token.lastUsedAtMs + usedEveryMs <= nowMs) {
    await noteUse(store, token);
  }
  return {
    id: `token:${token.id}`,
    kind: "token",
    name: token.name,
    role: token.role,
    project: store.project,
  };
}

function isHashOf(text: string, kept: string): boolean {
  const known = Buffer.from(kept, "hex");
  const given = hash("sha256", text, "buffer");
  return known.length === given.length && timingSafeEqual(given, known);
}

function refuseEnded(token: Token, nowMs: number): void {
  const state = stateOf(token, nowMs);
  if (state !== "good") {
    const entry = state === "revoked" ? accessErrors.revokedToken : accessErrors.expiredToken;
    throw new SkeinError(entry, { facts: { token: token.id } });
  }
}

/** When a token was used last is for people to look at: a store that is too busy to note it lets the call in all the same. */
async function noteUse(store: Store, { id }: Token): Promise<void> {
  try {
    await store.write(async (tx) =>
      tx.run(sql.updateUsed, [tx.nowMs, tx.project, sql.numberOf(id), tx.nowMs]),
    );
  } catch (error) {
    if (!(error instanceof SkeinError) || error.kind !== "unavailable") {
      throw error;
    }
  }
}

async function find(reader: Reader, id: TokenId): Promise<sql.TokenRow | null> {
  return reader.get<sql.TokenRow>(sql.selectToken, [reader.project, sql.numberOf(id)]);
}

interface Told {
  readonly kind: "token.created" | "token.revoked";
  readonly token: Token;
  readonly by: Actor;
}

async function append(events: Events, tx: Transaction, { kind, token, by }: Told): Promise<void> {
  const changes = [tokenChange(token)];
  await events.append(tx, { kind, actor: by, cause: null, data: {}, changes });
}

/** The change of a token as events carry it: nothing of its secret. */
function tokenChange(token: Token): EntityChange {
  return {
    entity: "token",
    id: token.id,
    set: {
      name: token.name,
      role: token.role,
      made_by: token.madeBy,
      made_at: token.madeAtMs,
      expires_at: token.expiresAtMs,
      revoked_at: token.revokedAtMs,
    },
  };
}

function tokenOf(row: sql.TokenRow): Token {
  return {
    id: `t${row.number}`,
    name: row.name,
    role: row.role,
    madeBy: row.made_by,
    madeAtMs: row.made_at_ms,
    expiresAtMs: row.expires_at_ms,
    revokedAtMs: row.revoked_at_ms,
    lastUsedAtMs: row.last_used_at_ms,
    isVoid: row.hash === "",
  };
}
