import {
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
} from "@modelcontextprotocol/server";
import type {
  ReadResourceResult,
  Resource,
  ResourceTemplateType,
} from "@modelcontextprotocol/server";
import type { SkeinError } from "../core/base/errors.ts";
import { nobody } from "../core/dispatch/index.ts";
import { asSkeinError, placeOf } from "./perform-call.ts";
import type { McpContext } from "./context.ts";
import { lookAtBoard } from "./views/board.ts";
import { lookAtEvents } from "./views/events-view.ts";
import type { LookAt } from "./views/look.ts";
import { lookAtPlan } from "./views/plan-look.ts";
import { lookAtTask } from "./views/task-look.ts";

const mimeType = "application/json";

export const resources: Resource[] = [
  {
    uri: "skein://board",
    name: "board",
    title: "Board",
    description: "Plans with their counts, sessions, claims and open questions.",
    mimeType,
  },
  {
    uri: "skein://events",
    name: "events",
    title: "Events",
    description: "The latest events of the project's log.",
    mimeType,
  },
];

export const resourceTemplates: ResourceTemplateType[] = [
  {
    uriTemplate: "skein://plan/{id}",
    name: "plan",
    title: "Plan",
    description: "A plan and its tasks.",
    mimeType,
  },
  {
    uriTemplate: "skein://task/{+id}",
    name: "task",
    title: "Task",
    description: "A task (PLAN/T1), its whole spec, and why it waits.",
    mimeType,
  },
  {
    uriTemplate: "skein://events{?since}",
    name: "events-since",
    title: "Events since",
    description: "Events after a sequence number.",
    mimeType,
  },
];

/** What a resource's address asks for. */
export interface ResourceAsk {
  readonly lookAt: LookAt;
  readonly id: string | null;
  readonly since: number | null;
}

/** Resources are read by programs and may be longer than a tool's answer: a whole spec fits. */
const roomBytes = 256 * 1_024;

/** Places with the name of one thing in it, and places without. */
const named: ReadonlyMap<string, LookAt> = new Map([
  ["plan", lookAtPlan],
  ["task", lookAtTask],
]);
const whole: ReadonlyMap<string, LookAt> = new Map([
  ["board", lookAtBoard],
  ["events", lookAtEvents],
]);

/** Reads an address; null when it names nothing that Skein has. */
export function parseResourceUri(text: string): ResourceAsk | null {
  return parseNamed(text) ?? parseWhole(text);
}

function parseNamed(text: string): ResourceAsk | null {
  const [, place = "", path = ""] = /^skein:\/\/([a-z]+)\/([^?#]+)$/u.exec(text) ?? [];
  const lookAt = named.get(place);
  const id = decode(path);
  return lookAt === undefined || id === null ? null : { lookAt, id, since: null };
}

function parseWhole(text: string): ResourceAsk | null {
  const match = /^skein:\/\/([a-z]+)(?:\?since=(\d{1,15}))?$/u.exec(text);
  const lookAt = whole.get(match?.[1] ?? "");
  const since = match?.[2];
  return lookAt === undefined
    ? null
    : { lookAt, id: null, since: since === undefined ? null : Number(since) };
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

export async function readResource(context: McpContext, uri: string): Promise<ReadResourceResult> {
  const ask = parseResourceUri(uri);
  if (ask === null) {
    throw new ResourceNotFoundError(uri);
  }
  try {
    const { skein, repository } = await context.open();
    const { data } = await ask.lookAt(skein, {
      // Reading a resource joins nothing.
      caller: nobody,
      session: null,
      id: ask.id,
      since: ask.since,
      place: placeOf(context, repository),
      roomBytes,
    });
    return { contents: [{ uri, mimeType, text: JSON.stringify(data) }] };
  } catch (error) {
    throw protocolError(asSkeinError(context, error), uri);
  }
}

function protocolError({ kind, code, message, fix }: SkeinError, uri: string): ProtocolError {
  return kind === "missing"
    ? new ResourceNotFoundError(uri, `Resource not found: ${uri}. ${code} ${message} ${fix}`)
    : new ProtocolError(ProtocolErrorCode.InternalError, `${code} ${message} ${fix}`, {
        code,
        fix,
      });
}
