import { hash } from "node:crypto";

import { SkeinError } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import { together } from "../base/together.ts";
import { groupsOf } from "../store/index.ts";
import type { Reader, Transaction } from "../store/index.ts";
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

/** Those of some calls that are to be run one by one: their key is known, or is none. Calls without a key are never among them. */
export async function repeatedOf(
  reader: Reader,
  requests: readonly OnceRequest[],
): Promise<ReadonlySet<OnceRequest>> {
  const keyed = requests.flatMap((request) => {
    const { key } = request;
    return key !== null && isKey(key) ? [{ request, key }] : [];
  });
  const rows = await together(
    groupsOf(keyed).map((group) =>
      reader.all<sql.KeyOfSession>(sql.selectKeys(group.length), [
        ...group.flatMap(({ request, key }) => [sql.numberOf(request.session), key]),
        reader.project,
      ]),
    ),
  );
  const known = new Set(rows.flat().map(({ session, key }) => `${String(session)} ${key}`));
  const isFresh = ({ session, key }: OnceRequest): boolean =>
    key === null || (isKey(key) && !known.has(`${String(sql.numberOf(session))} ${keptKey(key)}`));
  return new Set(requests.filter((request) => !isFresh(request)));
}

/** As every database keeps it: none has half of a character. */
function keptKey(key: string): string {
  return key.replaceAll(/\p{Cs}/gu, "\u{FFFD}");
}

/** A call that was run, and its result. */
export interface RunCall {
  readonly request: OnceRequest;
  readonly result: Json;
}

/** Remembers calls of which `repeatedOf` told that none was run before, each of another session; those without a key are not kept. */
export async function rememberAll(tx: Transaction, calls: readonly RunCall[]): Promise<void> {
  const keyed = calls.flatMap(({ request, result }) =>
    request.key === null ? [] : [{ request, result, key: request.key }],
  );
  for (const group of groupsOf(keyed)) {
    const rows = group.flatMap(({ request, result, key }) => {
      const owner = [tx.project, sql.numberOf(request.session)] as const;
      return [...owner, ...owner, key, callHash(request), JSON.stringify(result), tx.nowMs];
    });
    const sessions = group.map(({ request }) => sql.numberOf(request.session));
    await tx.put(sql.insertKeys(group.length), rows);
    await tx.put(sql.deleteOldKeysOf(group.length), [tx.project, ...sessions, keptKeys]);
  }
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
  await tx.put(sql.insertKeys(1), [
    ...owner,
    ...owner,
    key,
    call,
    JSON.stringify(result),
    tx.nowMs,
  ]);
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
