import type { IncomingHttpHeaders } from "node:http";
import type { Json, JsonObject } from "./json.ts";
import type { Hub, Identity, Repository } from "./state.ts";

/** What a route answers. */
export interface Reply {
  readonly status: number;
  /** Null: no body. */
  readonly body: Json;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Plain text in place of JSON, for the media types that ask for it. */
  readonly text?: string | undefined;
}

/** A request after its caller, operation and rights are known. */
export interface Call {
  readonly hub: Hub;
  /** Null for nobody. */
  readonly identity: Identity | null;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Empty where none was sent. */
  readonly body: JsonObject;
  readonly headers: IncomingHttpHeaders;
  /** The address as it was asked for, for links to other pages. */
  readonly url: URL;
  /** The repository of the path; null where the path has none. */
  readonly repository: Repository | null;
}

export interface RepositoryCall extends Call {
  readonly repository: Repository;
}

/** The right that a route needs. */
export interface Need {
  /** The permission of an app: `issues`, `pull_requests`. */
  readonly scope: string;
  readonly level: "read" | "write";
  /** What a person's role must at least be. */
  readonly role: "read" | "triage" | "write" | "admin";
  /** Whether the permission for pull requests serves too where the issue is a pull request. */
  readonly orPulls?: boolean | undefined;
}

export interface Route {
  /** `METHOD path` of the description. */
  readonly operation: string;
  readonly handle: (call: Call) => Promise<Reply> | Reply;
  /** Null: the route looks at the caller itself. */
  readonly need: Need | null;
}

/** Thrown by a route to answer an error. */
export class Refusal extends Error {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super(`refused with ${String(reply.status)}`);
    this.reply = reply;
  }
}

/** A route of a repository, which the server has found and whose rights it has held to `need`. */
export function inRepository(
  operation: string,
  need: Need,
  handle: (call: RepositoryCall) => Promise<Reply> | Reply,
): Route {
  const [method = "", path = ""] = operation.split(" ");
  return {
    operation: `${method} /repos/{owner}/{repo}${path}`,
    need,
    handle: (call) => {
      const { repository } = call;
      if (repository === null) {
        throw notFound();
      }
      return handle({ ...call, repository });
    },
  };
}

/** The most a page has, and what it has unless asked. */
const mostPerPage = 100;
const usualPerPage = 30;

export function ok(body: Json, status = 200): Reply {
  return { status, body };
}

export const nothing: Reply = { status: 204, body: null };

/** An error with GitHub's fields. */
export function refuse(status: number, message: string): Refusal {
  return new Refusal({ status, body: errorBody(status, message) });
}

export function notFound(): Refusal {
  return refuse(404, "Not Found");
}

/** What GitHub answers to an app or a job without the permission. */
export function notForIntegrations(): Refusal {
  return refuse(403, "Resource not accessible by integration");
}

/** 422 with facts about fields. */
export function invalid(resource: string, field: string, problem: string | JsonObject): Refusal {
  const facts: JsonObject =
    typeof problem === "string" ? { code: "custom", message: problem } : problem;
  return new Refusal({
    status: 422,
    body: { ...errorBody(422, "Validation Failed"), errors: [{ resource, field, ...facts }] },
  });
}

/** 422 with sentences. */
export function unprocessable(...errors: readonly string[]): Refusal {
  return new Refusal({
    status: 422,
    body: { ...errorBody(422, "Unprocessable Entity"), errors },
  });
}

export function errorBody(status: number, message: string): JsonObject {
  return { message, documentation_url: "https://docs.github.com/rest", status: String(status) };
}

/** One page of a list and the links to the others. */
export function page<Item>(
  call: Call,
  items: readonly Item[],
  view: (item: Item) => Json,
): Reply & { readonly body: readonly Json[] } {
  const size = Math.min(numberOf(call, "per_page", usualPerPage), mostPerPage);
  const current = numberOf(call, "page", 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const shown = items.slice((current - 1) * size, current * size);
  const to = (name: string, at: number): string => {
    const url = new URL(call.url);
    url.searchParams.set("page", String(at));
    return `<${url.href}>; rel="${name}"`;
  };
  const links = [
    ...(current > 1 ? [to("prev", current - 1)] : []),
    ...(current < last ? [to("next", current + 1), to("last", last)] : []),
    ...(current > 1 ? [to("first", 1)] : []),
  ];
  return {
    status: 200,
    body: shown.map(view),
    headers: links.length === 0 ? {} : { link: links.join(", ") },
  };
}

/** A page inside an object that counts the whole. */
export function countedPage(
  call: Call,
  name: string,
  list: { readonly items: readonly Json[]; readonly more?: JsonObject | undefined },
): Reply {
  const { body, headers } = page(call, list.items, (item) => item);
  return {
    status: 200,
    body: { total_count: list.items.length, ...list.more, [name]: body },
    headers,
  };
}

function numberOf(call: Call, name: string, usual: number): number {
  const value = Number(call.query.get(name) ?? usual);
  return value >= 1 ? value : usual;
}

/** The number in the path. */
export function numberParam(call: Call, name: string): number {
  return Number(call.params[name]);
}

/** Who calls; refuses nobody. */
export function callerOf(call: Call): Identity {
  if (call.identity === null) {
    throw refuse(401, "Requires authentication");
  }
  return call.identity;
}
