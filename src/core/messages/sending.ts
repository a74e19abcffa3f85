import { SkeinError } from "../base/errors.ts";
import { byteLength, cleanLine, cleanText } from "../base/text.ts";
import type { Events } from "../events/index.ts";
import type { Transaction } from "../store/index.ts";
import { messageErrors } from "./errors.ts";
import { maxTextBytes, messageChange } from "./message.ts";
import type { Audience, Message, Reach } from "./message.ts";
import type { Listener, Roster, SendRequest } from "./requests.ts";
import { ensureRoom } from "./room.ts";
import { numberOf, threadOf } from "./rows.ts";
import * as sql from "./tables.ts";

/** The writing side. */
export interface Sending {
  send(tx: Transaction, request: SendRequest): Promise<Reach>;
  sendBatch(tx: Transaction, requests: readonly SendRequest[]): Promise<readonly Message[]>;
}

export interface SendingDeps {
  readonly events: Events;
  readonly roster: Roster;
  readonly mostMessages?: number | null | undefined;
}

/** One event carries at most so many messages. */
const chunkSize = 200;

export function createSending(deps: SendingDeps): Sending {
  return {
    send: async (tx, request) => sendOne(deps, tx, request),
    sendBatch: async (tx, requests) => sendMany(deps, tx, requests),
  };
}

async function sendOne(
  { events, roster, mostMessages = null }: SendingDeps,
  tx: Transaction,
  request: SendRequest,
): Promise<Reach> {
  const to = audienceOf(request.to);
  const reached = await receivers(tx, { roster, to, from: request.from });
  const number = await nextNumber(tx);
  if (request.isNotice !== true) {
    await ensureRoom(tx, { most: mostMessages, last: number });
    await events.ensureRoom(tx, "new");
  }
  const message = await store(tx, { request, to, number });
  await append(events, tx, { request, messages: [message] });
  const atNextCall = reached.filter(({ isBusy }) => isBusy).length;
  return {
    message,
    recipients: reached.length,
    atNextCall,
    whenWoken: reached.length - atNextCall,
  };
}

async function sendMany(
  { events, roster, mostMessages = null }: SendingDeps,
  tx: Transaction,
  requests: readonly SendRequest[],
): Promise<readonly Message[]> {
  const here = await readOnce(roster, tx);
  let number = await nextNumber(tx);
  await ensureRoom(tx, { most: mostMessages, last: number + requests.length - 1 });
  await events.ensureRoom(tx, "new");
  const sent: Message[] = [];
  for (const request of requests) {
    const to = audienceOf(request.to);
    if (to.kind === "session") {
      await receivers(tx, { roster: here, to, from: request.from });
    }
    sent.push(await store(tx, { request, to, number }));
    number += 1;
  }
  for (const chunk of chunksOf(requests, sent)) {
    await append(events, tx, chunk);
  }
  return sent;
}

async function readOnce(roster: Roster, tx: Transaction): Promise<Roster> {
  const living = await roster.listeners(tx);
  const known = new Map(living.map((listener) => [listener.id, listener]));
  return {
    listener: async (_, id) => known.get(id) ?? null,
    listeners: async () => living,
  };
}

async function append(
  events: Events,
  tx: Transaction,
  { request, messages }: Chunk,
): Promise<void> {
  await events.append(tx, {
    kind: "message.sent",
    actor: request.actor,
    cause: request.cause,
    data: { count: messages.length },
    changes: messages.map((message) => messageChange(message)),
  });
}

interface Chunk {
  readonly request: SendRequest;
  readonly messages: readonly Message[];
}

/** Cuts a batch where the sender or the cause changes, and at the size of an event. */
function chunksOf(
  requests: readonly SendRequest[],
  messages: readonly Message[],
): readonly Chunk[] {
  const chunks: { request: SendRequest; messages: Message[] }[] = [];
  for (const [index, message] of messages.entries()) {
    const request = requests[index];
    const last = chunks.at(-1);
    const isFitting =
      last !== undefined &&
      last.messages.length < chunkSize &&
      last.request.actor === request?.actor &&
      last.request.cause === request.cause;
    if (isFitting) {
      last.messages.push(message);
    } else if (request !== undefined) {
      chunks.push({ request, messages: [message] });
    }
  }
  return chunks;
}

/** @throws {SkeinError} SKN-1604 when a role is empty. */
function audienceOf(to: Audience): Audience {
  if (to.kind !== "role") {
    return to;
  }
  const role = cleanLine(to.role, 40).toLowerCase();
  if (role === "") {
    throw new SkeinError(messageErrors.noRole);
  }
  return { kind: "role", role };
}

interface Ask {
  readonly roster: Roster;
  readonly to: Audience;
  readonly from: SendRequest["from"];
}

async function receivers(tx: Transaction, { roster, to, from }: Ask): Promise<readonly Listener[]> {
  if (to.kind === "session") {
    const listener = await roster.listener(tx, to.session);
    if (listener === null) {
      throw noRecipient(to.session, await roster.listeners(tx));
    }
    return [listener];
  }
  const others = (await roster.listeners(tx)).filter(({ id }) => id !== from);
  return to.kind === "all" ? others : others.filter(({ role }) => role === to.role);
}

function noRecipient(session: string, living: readonly Listener[]): SkeinError {
  const shown = living.slice(0, 10).map(({ id, name, role }) => `${id} (${name}, ${role})`);
  return new SkeinError(messageErrors.noRecipient, {
    message: `No living session is called ${session}.`,
    fix:
      shown.length === 0
        ? "Nobody else is here; write to `all` only when somebody has joined."
        : `Write to one of the living sessions: ${shown.join(", ")}; to a role, or to all.`,
    facts: { session, living: living.slice(0, 10).map(({ id }) => id), count: living.length },
  });
}

async function nextNumber(tx: Transaction): Promise<number> {
  const last = await tx.get<Pick<sql.MessageRow, "number">>(sql.selectLastNumber, [tx.project]);
  return (last?.number ?? 0) + 1;
}

interface Sent {
  readonly request: SendRequest;
  readonly to: Audience;
  readonly number: number;
}

async function store(tx: Transaction, { request, to, number }: Sent): Promise<Message> {
  const thread = request.thread === null ? number : await threadOf(tx, numberOf(request.thread));
  const message: Message = {
    id: `M${String(number)}`,
    order: number,
    from: request.from,
    fromName: cleanLine(request.fromName, 80),
    to,
    thread: `M${String(thread)}`,
    text: textOf(request.text),
    sentAtMs: tx.nowMs,
    expiresAtMs: expiryOf(request.expiresInMs, tx.nowMs),
  };
  await tx.put(sql.insertMessage, [
    tx.project,
    number,
    message.from,
    message.fromName,
    to.kind,
    toName(to),
    thread,
    message.text,
    message.sentAtMs,
    message.expiresAtMs,
  ]);
  return message;
}

function toName(to: Audience): string {
  if (to.kind === "session") {
    return to.session;
  }
  return to.kind === "role" ? to.role : "";
}

function textOf(raw: string): string {
  if (raw.length > maxTextBytes) {
    throw tooLong(raw);
  }
  const text = cleanText(raw, maxTextBytes);
  if (text === "") {
    throw new SkeinError(messageErrors.empty);
  }
  if (byteLength(text) > maxTextBytes) {
    throw tooLong(text);
  }
  return text;
}

function tooLong(text: string): SkeinError {
  const bytes = byteLength(text);
  return new SkeinError(messageErrors.tooLong, {
    message: `The message has ${String(bytes)} bytes; at most ${String(maxTextBytes)} are kept.`,
    facts: { bytes, limit: maxTextBytes },
  });
}

function expiryOf(expiresInMs: number | null, nowMs: number): number | null {
  if (expiresInMs === null) {
    return null;
  }
  if (!Number.isSafeInteger(expiresInMs) || expiresInMs < 1_000) {
    throw new SkeinError(messageErrors.badExpiry, { facts: { expires_in_ms: expiresInMs } });
  }
  return nowMs + expiresInMs;
}
