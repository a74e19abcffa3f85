import { hash } from "node:crypto";

import { SkeinError } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import type { Transaction } from "../store/index.ts";
import { sessionErrors } from "./errors.ts";
import type { OnceOutcome, OnceRequest } from "./requests.ts";
import * as sql from "./tables.ts";

/** How many keys of a session are kept. */
export const keptKeys = 64;

/** Made where it is used: the properties of characters take time to load. */
function isKey(text: string): boolean {
  return /^[^\p{Cc}\p{Cf}]{1,128}$/u.test(text);
}

/** Runs work once for a key: a repetition gets the first result and changes nothing. A null result is nothing done, and is not kept. */
export async function once(
  tx: Transaction,
  request: OnceRequest,
  work: () => Promise<Json>,
): Promise<OnceOutcome> {
  if (request.key === null) {
    return { result: await work(), isReplay: false };
  }
  if (!isKey(request.key)) {
    throw new SkeinError(sessionErrors.badKey, { facts: { length: request.key.length } });
  }
  const call = callHash(request);
  const session = sql.numberOf(request.session);
  const known = await tx.get<sql.KeyRow>(sql.selectKey, [tx.project, session, request.key]);
  if (known !== null) {
    return replayOf(known, call, request);
  }
  const result = await work();
  if (result !== null) {
    await remember(tx, request, { call, result, key: request.key });
  }
  return { result, isReplay: false };
}

function replayOf(known: sql.KeyRow, call: string, request: OnceRequest): OnceOutcome {
  if (known.call_hash !== call) {
    throw new SkeinError(sessionErrors.keyReused, {
      message: `The key ${JSON.stringify(request.key)} was used for another call than this ${request.operation}.`,
      facts: { key: request.key, operation: request.operation, session: request.session },
    });
  }
  const result: Json = JSON.parse(known.result);
  return { result, isReplay: true };
}

interface Remembered {
  readonly call: string;
  readonly key: string;
  readonly result: Json;
}

async function remember(
  tx: Transaction,
  request: OnceRequest,
  { call, key, result }: Remembered,
): Promise<void> {
  // Neither is waited for: a server is asked nothing more for a key.
  const owner = [tx.project, sql.numberOf(request.session)] as const;
  await tx.put(sql.insertKey, [...owner, ...owner, key, call, JSON.stringify(result), tx.nowMs]);
  await tx.put(sql.deleteOldKeys, [...owner, ...owner, keptKeys]);
}

/** Hex SHA-256 of the operation and its arguments; the order of an object's keys does not matter. */
export function callHash({ operation, args }: Pick<OnceRequest, "operation" | "args">): string {
  return hash("sha256", JSON.stringify([operation, sorted(args)]));
}

function sorted(value: Json): Json {
  if (value === null || typeof value !== "object") {
    return value;
  }
  if (isList(value)) {
    return value.map((item) => sorted(item));
  }
  const entries = Object.entries(value).map(([key, item]) => [key, sorted(item)] as const);
  return entries.toSorted(([left], [right]) => (left < right ? -1 : 1));
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
