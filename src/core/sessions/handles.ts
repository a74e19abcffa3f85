import { hash } from "node:crypto";

import { SkeinError } from "../base/errors.ts";
import { together } from "../base/together.ts";
import { groupsOf, probeColumns } from "../store/index.ts";
import type { Found, Probes, Query, Reader } from "../store/index.ts";
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
  const row = await reader.get<sql.SessionRow>(asked.sql, asked.params);
  return living(row ?? unknownHandle());
}

/** Looks up several sessions by their handles, and what is asked about each with it. */
export interface LookingUp<Name extends string> {
  /** What it asks. */
  queries(project: string, handles: readonly string[]): readonly Query[];
  /** For each handle, in their order, its session or why there is none. */
  ask(
    reader: Reader,
    handles: readonly string[],
  ): Promise<readonly (LookedUp<Name> | SkeinError)[]>;
}

/** A living session, and what was found about it. */
export interface LookedUp<Name extends string> {
  readonly session: Session;
  readonly found: Found<Name>;
}

type AboutSession = Exclude<keyof typeof sql.sessionColumns, "project">;

/** Makes what looks sessions up as `authenticate` does, several at once. */
export function lookingUp<const Name extends string>(
  probes: Probes<AboutSession, Name>,
): LookingUp<Name> {
  type Row = sql.SessionRow & Found<Name> & { readonly hash: string };
  const textFor = sql.selectByHandles(probeColumns(probes, sql.sessionColumns));
  const queriesOf = (project: string, hashes: readonly string[]): readonly Query[] =>
    groupsOf(hashes).map((group) => ({ sql: textFor(group.length), params: [project, ...group] }));
  return {
    queries: (project, handles) => queriesOf(project, handles.map(hashOf)),
    ask: async (reader, handles) => {
      const hashes = handles.map(hashOf);
      const rows = await together(
        queriesOf(reader.project, hashes).map((asked) => reader.all<Row>(asked.sql, asked.params)),
      );
      const byHash = new Map(rows.flat().map((row) => [row.hash, row]));
      return hashes.map((each) => lookedUp(byHash.get(each)));
    },
  };
}

function lookedUp<Row extends sql.SessionRow>(
  row: Row | undefined,
): { readonly session: Session; readonly found: Row } | SkeinError {
  try {
    const found = row ?? unknownHandle();
    return { session: living(found), found };
  } catch (error) {
    if (error instanceof SkeinError) {
      return error;
    }
    throw error;
  }
}

function unknownHandle(): never {
  throw new SkeinError(sessionErrors.unknownHandle);
}

function living(row: sql.SessionRow): Session {
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
