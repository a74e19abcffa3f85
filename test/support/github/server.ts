import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { authorize, identityOf } from "./access.ts";
import { matchOperation } from "./description.ts";
import type { Match } from "./description.ts";
import { createFaultBox, faultReply } from "./faults.ts";
import type { FaultBox } from "./faults.ts";
import { gitRequestOf, serveGit } from "./git-http.ts";
import { answerGraphql } from "./graphql.ts";
import { isObject, parseJson } from "./json.ts";
import type { Json } from "./json.ts";
import { createMeter, quotaHeaders, usualLimits } from "./limits.ts";
import type { CallKind, Limits, Meter, Resource } from "./limits.ts";
import { Refusal, errorBody, notFound, ok, refuse } from "./replies.ts";
import type { Call, Need, Reply, Route } from "./replies.ts";
import { accountRoutes } from "./routes-accounts.ts";
import { checkRoutes } from "./routes-checks.ts";
import { gitRoutes } from "./routes-git.ts";
import { issueRoutes } from "./routes-issues.ts";
import { pullRoutes } from "./routes-pulls.ts";
import { relationRoutes } from "./routes-relations.ts";
import { repositoryRoutes } from "./routes-repositories.ts";
import { reviewRoutes } from "./routes-reviews.ts";
import { talkRoutes } from "./routes-talk.ts";
import { repositoryNamed } from "./state.ts";
import type { Features, Hub, Identity, Repository } from "./state.ts";
import { requestFaults, responseFaults } from "./validation.ts";
import type { Violation } from "./validation.ts";
import { buildWebhook } from "./webhooks.ts";
import type { HookFacts, Webhook } from "./webhooks.ts";
import { createWorld } from "./world.ts";
import type { World } from "./world.ts";

export interface GithubOptions {
  readonly features?: Partial<Features> | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** Default the clock of the machine. */
  readonly nowMs?: (() => number) | undefined;
  /** Sent as `x-github-enterprise-version`. Default none: github.com. */
  readonly enterpriseVersion?: string | undefined;
}

/** A request and its answer, as they went over the wire. */
export interface RecordedCall {
  readonly method: string;
  /** Without `/api/v3`. */
  readonly path: string;
  readonly query: string;
  /** The login that called, null for nobody. */
  readonly as: string | null;
  readonly body: Json;
  /** 0 where the connection was cut. */
  readonly status: number;
  readonly answer: Json;
}

/** A GitHub of one test's own. */
export interface Github extends World {
  /** The REST API as api.github.com has it. */
  readonly url: string;
  /** The REST API as an Enterprise Server has it: below `/api/v3`. */
  readonly enterpriseUrl: string;
  readonly graphqlUrl: string;
  /** Where people and git go. */
  readonly webUrl: string;
  readonly hub: Hub;
  /** Every call of REST, GraphQL and git so far; git's have no body. */
  readonly calls: readonly RecordedCall[];
  /** What broke GitHub's description; a test ends by expecting none. */
  readonly violations: readonly Violation[];
  readonly faults: FaultBox;
  readonly meter: Meter;
  /** The address to clone from; with a token, git sends it. */
  gitUrlOf(repository: string, token?: string): string;
  /** The webhook of an event, as `issues.opened`, from what the fake holds. */
  webhookOf(event: string, facts: HookFacts): Promise<Webhook>;
  close(): Promise<void>;
}

/** The largest request body in bytes. */
const bodyLimit = 25 * 1024 * 1024;

const routes = new Map<string, Route>(
  [
    ...accountRoutes,
    ...repositoryRoutes,
    ...gitRoutes,
    ...issueRoutes,
    ...talkRoutes,
    ...relationRoutes,
    ...pullRoutes,
    ...reviewRoutes,
    ...checkRoutes,
  ].map((route) => [route.operation, route]),
);

/** The operations that the fake answers: all of the extract. */
export const answered: readonly string[] = [...routes.keys(), "GET /rate_limit"];

/** Starts a fake GitHub on loopback. The caller closes it. */
export async function startGithub(options: GithubOptions = {}): Promise<Github> {
  const { nowMs = Date.now } = options;
  const folder = mkdtempSync(join(tmpdir(), "fake-github-"));
  const http = createServer();
  const { port } = await listen(http);
  const webUrl = `http://127.0.0.1:${String(port)}`;
  let lastId = 4_000_000;
  const hub: Hub = {
    apiUrl: webUrl,
    webUrl,
    features: { subIssues: true, dependencies: true, jobsApprove: false, ...options.features },
    nowMs,
    // In steps, so that no id is another's neighbour by chance.
    nextId: () => (lastId += 17),
    accounts: new Map(),
    repositories: new Map(),
    apps: new Map(),
    installations: new Map(),
    tokens: new Map(),
    deliveries: new Map(),
    teams: new Map(),
    children: new Map(),
    blockers: new Map(),
  };
  const desk: Desk = {
    hub,
    options,
    meter: createMeter({ ...usualLimits, ...options.limits }, nowMs),
    faults: createFaultBox(),
    calls: [],
    violations: [],
  };
  http.on("request", (request, response) => {
    void serve(desk, request, response);
  });
  return {
    ...createWorld(hub, folder),
    url: webUrl,
    enterpriseUrl: `${webUrl}/api/v3`,
    graphqlUrl: `${webUrl}/graphql`,
    webUrl,
    hub,
    calls: desk.calls,
    violations: desk.violations,
    faults: desk.faults,
    meter: desk.meter,
    gitUrlOf: (repository, token) => {
      const address = new URL(`${webUrl}/${repository}.git`);
      address.username = token === undefined ? "" : "x-access-token";
      address.password = token ?? "";
      return address.href;
    },
    webhookOf: (event, facts) => buildWebhook(hub, event, facts),
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => {
        http.close(resolve);
      });
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** All that one server keeps. */
interface Desk {
  readonly hub: Hub;
  readonly options: GithubOptions;
  readonly meter: Meter;
  readonly faults: FaultBox;
  readonly calls: RecordedCall[];
  readonly violations: Violation[];
}

/** A request that was read. */
interface Incoming {
  readonly method: string;
  readonly url: URL;
  /** Without `/api/v3`, percent-encoded. */
  readonly path: string;
  readonly raw: Buffer;
  readonly request: IncomingMessage;
}

async function serve(
  desk: Desk,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const { method = "GET" } = request;
    const url = new URL(request.url ?? "/", desk.hub.webUrl);
    const path = url.pathname.replace(/^\/api(?:\/v3)?(?=\/)/u, "");
    const incoming: Incoming = { method, url, path, raw: await read(request), request };
    const fault = desk.faults.strike(method, path);
    if (fault?.kind === "hang") {
      return;
    }
    if (fault?.kind === "reset") {
      record(desk, incoming, { as: null, reply: { status: 0, body: null } });
      response.destroy();
      return;
    }
    const asked = gitRequestOf(url.pathname);
    const isLost = fault?.kind === "lost-answer";
    if (asked !== null && (fault === null || isLost)) {
      const identity = identityOf(desk.hub, request.headers.authorization);
      const call = { hub: desk.hub, identity, asked, url, body: incoming.raw, isLost };
      await serveGit(call, request, response);
      const status = isLost ? 0 : response.statusCode;
      record(desk, { ...incoming, raw: noBytes }, { as: identity, reply: { status, body: null } });
      return;
    }
    const struck = fault === null ? null : faultReply(fault);
    const answer = struck === null ? await answerOf(desk, incoming) : { as: null, reply: struck };
    if (isLost) {
      record(desk, incoming, { ...answer, reply: { ...answer.reply, status: 0 } });
      response.destroy();
      return;
    }
    record(desk, incoming, answer);
    send(response, answer.reply);
  } catch (error) {
    const reply = replyOf(error);
    if (response.headersSent) {
      response.destroy();
    } else {
      send(response, reply);
    }
  }
}

const noBytes = Buffer.alloc(0);

interface Answer {
  readonly as: Identity | null;
  readonly reply: Reply;
}

async function answerOf(desk: Desk, incoming: Incoming): Promise<Answer> {
  const { hub, meter } = desk;
  const { headers } = incoming.request;
  let identity: Identity | null = null;
  try {
    if (headers["user-agent"] === undefined) {
      throw refuse(403, "Request forbidden by administrative rules. Please send a User-Agent.");
    }
    identity = identityOf(hub, headers.authorization);
    const resource: Resource = incoming.path.startsWith("/search/")
      ? "search"
      : incoming.path === "/graphql"
        ? "graphql"
        : "core";
    const isFree = incoming.path === "/rate_limit";
    if (!isFree) {
      meter.admit(identity, resource, kindOf(incoming));
    }
    const reply = await handled(desk, incoming, identity).catch(replyOf);
    const tagged = withEtag(incoming, reply);
    if (!isFree && tagged.status !== 304) {
      meter.count(identity, resource);
    }
    const limits = quotaHeaders(meter.quota(identity, resource), resource);
    const sent = { ...limits, ...versionHeader(desk), ...tagged.headers };
    return { as: identity, reply: { ...tagged, headers: sent } };
  } catch (error) {
    const limits = quotaHeaders(meter.quota(identity, "core"), "core");
    const reply = replyOf(error);
    return { as: identity, reply: { ...reply, headers: { ...limits, ...reply.headers } } };
  }
}

function versionHeader({ options }: Desk): Readonly<Record<string, string>> {
  const { enterpriseVersion } = options;
  return enterpriseVersion === undefined
    ? {}
    : { "x-github-enterprise-version": enterpriseVersion };
}

/** Tokens are no content; GitHub's limit on writing does not count them. */
function kindOf({ method, path, raw }: Incoming): CallKind {
  if (method === "GET" || (path === "/graphql" && !raw.includes("mutation"))) {
    return "read";
  }
  return path.endsWith("/access_tokens") || path === "/graphql" ? "other" : "content";
}

async function handled(desk: Desk, incoming: Incoming, identity: Identity | null): Promise<Reply> {
  const body = parsed(incoming.raw);
  if (incoming.path === "/graphql") {
    const reply = await answerGraphql(desk.hub, identity, body ?? null);
    note(desk, incoming, { side: "request", faults: reply.violations });
    return reply;
  }
  const match = matchOperation(incoming.method, incoming.path);
  if (match === null) {
    const faults = ["the extract has no such operation; see scripts/github-operations.ts"];
    note(desk, incoming, { side: "request", faults });
    throw refuse(404, `Not Found: the fake has no ${incoming.method} ${incoming.path}`);
  }
  const query = incoming.url.searchParams;
  const faults = requestFaults({ match, query, body });
  if (faults.length > 0) {
    note(desk, incoming, { side: "request", faults });
    throw refuse(400, `The request breaks GitHub's description: ${faults.join("; ")}`);
  }
  const reply = await routed(desk, { match, incoming, identity, body }).catch(replyOf);
  const broken = reply.text === undefined ? responseFaults(match, reply.status, reply.body) : [];
  if (broken.length > 0) {
    note(desk, incoming, { side: "response", faults: broken });
    throw refuse(500, `The fake's answer breaks GitHub's description: ${broken.join("; ")}`);
  }
  return reply;
}

function note(desk: Desk, incoming: Incoming, violation: Omit<Violation, "call">): void {
  if (violation.faults.length > 0) {
    desk.violations.push({ ...violation, call: `${incoming.method} ${incoming.path}` });
  }
}

interface Asked {
  readonly match: Match;
  readonly incoming: Incoming;
  readonly identity: Identity | null;
  readonly body: Json | undefined;
}

async function routed(desk: Desk, { match, incoming, identity, body }: Asked): Promise<Reply> {
  const { hub } = desk;
  if (match.operation.name === "GET /rate_limit") {
    return ok(limitsView(desk.meter, identity));
  }
  const route = routes.get(match.operation.name);
  if (route === undefined) {
    throw refuse(501, `The fake has no route for ${match.operation.name}`);
  }
  const { owner, repo } = match.params;
  const isInRepository = owner !== undefined && repo !== undefined;
  const repository = isInRepository ? repositoryNamed(hub, `${owner}/${repo}`) : null;
  if (isInRepository && repository === null) {
    throw notFound();
  }
  if (repository !== null && route.need !== null && !isAppsOwn(route, identity)) {
    authorize(repository, identity, needHere(route.need, match, repository));
  }
  const call: Call = {
    hub,
    identity,
    params: match.params,
    query: incoming.url.searchParams,
    body: isObject(body) ? body : {},
    headers: incoming.request.headers,
    url: incoming.url,
    repository,
  };
  return route.handle(call);
}

/** An app asks for its installation with its own JWT. */
function isAppsOwn(route: Route, identity: Identity | null): boolean {
  return route.operation.endsWith("/{repo}/installation") && identity?.kind === "app";
}

/** The permission for pull requests serves for issues only where the issue is a pull request. */
function needHere(need: Need, { params }: Match, repository: Repository): Need {
  const comment = repository.comments.get(Number(params["comment_id"]));
  const number = comment?.issueNumber ?? Number(params["issue_number"]);
  const isPull = repository.issues.get(number)?.isPull === true;
  return { ...need, orPulls: need.orPulls === true && isPull };
}

function limitsView(meter: Meter, identity: Identity | null): Json {
  const view = (resource: Resource): Json => ({ ...meter.quota(identity, resource) });
  return {
    resources: { core: view("core"), search: view("search"), graphql: view("graphql") },
    rate: view("core"),
  };
}

/** The same answer again is a 304, for those who show its tag. */
function withEtag({ method, request }: Incoming, reply: Reply): Reply {
  if (method !== "GET" || reply.status !== 200) {
    return reply;
  }
  const hash = createHash("sha256").update(reply.text ?? JSON.stringify(reply.body));
  const etag = `W/"${hash.digest("hex")}"`;
  const headers = { ...reply.headers, etag };
  const known = (request.headers["if-none-match"] ?? "").split(",").map((tag) => tag.trim());
  return known.includes(etag) ? { status: 304, body: null, headers } : { ...reply, headers };
}

function record(desk: Desk, { method, path, url, raw }: Incoming, { as, reply }: Answer): void {
  desk.calls.push({
    method,
    path: decodePath(path),
    query: url.search.slice(1),
    as: as?.actor.login ?? null,
    body: safelyParsed(raw),
    status: reply.status,
    answer: reply.text ?? reply.body,
  });
}

/** A path as people write it; what is no percent-encoding stays as it is. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function send(response: ServerResponse, reply: Reply): void {
  const isText = reply.text !== undefined;
  const hasBody = isText || reply.body !== null;
  response.writeHead(reply.status, {
    ...(hasBody
      ? { "content-type": `${isText ? "text/plain" : "application/json"}; charset=utf-8` }
      : {}),
    "x-github-request-id": "FAKE:0001",
    ...reply.headers,
  });
  response.end(hasBody ? (reply.text ?? JSON.stringify(reply.body)) : undefined);
}

/** A refusal as it says; anything else is a bug of the fake, and loud. */
function replyOf(error: unknown): Reply {
  if (error instanceof Refusal) {
    return error.reply;
  }
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  console.error(what);
  return { status: 500, body: errorBody(500, `The fake failed: ${what}`) };
}

function parsed(raw: Buffer): Json | undefined {
  if (raw.length === 0) {
    return undefined;
  }
  try {
    return parseJson(raw.toString("utf8"));
  } catch {
    throw refuse(400, "Problems parsing JSON");
  }
}

function safelyParsed(raw: Buffer): Json {
  try {
    return parsed(raw) ?? null;
  } catch {
    return null;
  }
}

async function read(request: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > bodyLimit) {
      throw refuse(413, "Payload too large");
    }
    chunks.push(part);
  }
  return Buffer.concat(chunks);
}

function listen(http: Server): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    http.once("error", reject);
    http.listen(0, "127.0.0.1", () => {
      const address = http.address();
      if (address === null || typeof address === "string") {
        reject(new Error("The server has no port."));
        return;
      }
      resolve(address);
    });
  });
}
