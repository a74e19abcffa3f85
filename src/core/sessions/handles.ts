import { hash } from "node:crypto";

import { SkeinError } from "../base/errors.ts";
import { together } from "../base/together.ts";
import { groupsOf } from "../store/index.ts";
import type { Query, Reader } from "../store/index.ts";
import { sessionErrors } from "./errors.ts";
import { sessionOf } from "./rows.ts";
import type { Session } from "./session.ts";
import * as sql from "./tables.ts";

/** What `authenticate` asks. */
export function handleQuery(project: string, handle: string): Query {
  return { sql: sql.selectByHandle, params: [project, hashOf(handle)] };
}

/** A handle is looked up by its hash, so that the time of a failed look-up tells nothing about handles that exist. */
export async function authenticate(reader: Reader, handle: string): Promise<Session> {
  const asked = handleQuery(reader.project, handle);
  return living(await reader.get<sql.SessionRow>(asked.sql, asked.params));
}

/** What `authenticateAll` asks first. */
export function handlesQuery(project: string, handles: readonly string[]): Query {
  return queryOf(project, (groupsOf(handles)[0] ?? []).map(hashOf));
}

function queryOf(project: string, hashes: readonly string[]): Query {
  return { sql: sql.selectByHandles(hashes.length), params: [project, ...hashes] };
}

/** The same for several at once: for each, in their order, its session or why there is none. */
export async function authenticateAll(
  reader: Reader,
  handles: readonly string[],
): Promise<readonly (Session | SkeinError)[]> {
  const hashes = handles.map(hashOf);
  const groups = groupsOf(hashes).map((group) => queryOf(reader.project, group));
  const found = await together(
    groups.map((asked) => reader.all<sql.SessionRow & { hash: string }>(asked.sql, asked.params)),
  );
  const byHash = new Map(found.flat().map((row) => [row.hash, row]));
  return hashes.map((each) => livingOrWhy(byHash.get(each) ?? null));
}

function livingOrWhy(row: sql.SessionRow | null): Session | SkeinError {
  try {
    return living(row);
  } catch (error) {
    if (error instanceof SkeinError) {
      return error;
    }
    throw error;
  }
}

function living(row: sql.SessionRow | null): Session {
  if (row === null) {
    throw new SkeinError(sessionErrors.unknownHandle);
  }
  const session = sessionOf(row);
  if (session.endedAtMs !== null) {
    throw new SkeinError(sessionErrors.ended, {
      message: `Session ${session.id} (${session.name}) has ended: ${session.endReason ?? "no reason given"}.`,
      facts: { session: session.id, ended_at: session.endedAtMs, reason: session.endReason },
    });
  }
  return session;
}

/** Anew each time: a handle is a secret, and is not kept to save a microsecond. */
export function hashOf(handle: string): string {
  return hash("sha256", handle);
}
