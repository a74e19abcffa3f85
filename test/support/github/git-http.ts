import { spawn } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import { dirname } from "node:path";
import { authorize } from "./access.ts";
import { serverGitEnv } from "./git-store.ts";
import { needs } from "./needs.ts";
import { Refusal } from "./replies.ts";
import { syncPulls } from "./pull-sync.ts";
import { repositoryNamed } from "./state.ts";
import type { Hub, Identity, Repository } from "./state.ts";

/** A request of git itself. */
export interface GitRequest {
  readonly repository: string;
  readonly service: "info/refs" | "git-upload-pack" | "git-receive-pack";
}

const services: readonly GitRequest["service"][] = [
  "info/refs",
  "git-upload-pack",
  "git-receive-pack",
];

/** What a path asks of git, null where it asks for something else. */
export function gitRequestOf(path: string): GitRequest | null {
  const found =
    /^\/([^/]+\/[^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/u.exec(path);
  const service = services.find((name) => name === found?.[2]);
  return found === null || service === undefined ? null : { repository: found[1] ?? "", service };
}

/** A request with its caller and its body. */
export interface GitCall {
  readonly hub: Hub;
  readonly identity: Identity | null;
  readonly asked: GitRequest;
  readonly url: URL;
  readonly body: Buffer;
  /** Whether the connection is cut after the work and before the answer. */
  readonly isLost: boolean;
}

/**
 * Serves git by `git http-backend`, behind the rights that the API has.
 *
 * @throws {Refusal} 401 for nobody, 404 without the right to read, 403 without the right to write.
 */
export async function serveGit(
  call: GitCall,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { hub, identity, asked, url } = call;
  const isPush =
    asked.service === "git-receive-pack" || url.searchParams.get("service") === "git-receive-pack";
  const repository = repositoryNamed(hub, asked.repository);
  const challenge = new Refusal({
    status: 401,
    body: null,
    text: "No anonymous write access.",
    headers: { "www-authenticate": 'Basic realm="GitHub"' },
  });
  if (repository === null || (identity === null && (isPush || repository.isPrivate))) {
    throw identity === null ? challenge : new Refusal(missing);
  }
  authorize(repository, identity, isPush ? needs.writeContents : needs.readContents);
  await runBackend({ ...call, repository }, request, response);
  if (asked.service === "git-receive-pack") {
    await syncPulls(hub, repository);
  }
  if (call.isLost) {
    response.destroy();
  } else {
    response.end();
  }
}

const missing = { status: 404, body: null, text: "Repository not found." };

/** Speaks CGI: a header block, then the body. The answer is left open, so that its end says that the push is known. */
function runBackend(
  call: GitCall & { readonly repository: Repository },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { repository, asked, url, body, identity } = call;
  const { headers } = request;
  const child = spawn("git", ["http-backend"], {
    env: {
      ...serverGitEnv,
      GIT_PROJECT_ROOT: dirname(repository.gitDir),
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: `/${repository.name}.git/${asked.service}`,
      REMOTE_USER: identity?.actor.login ?? "",
      REMOTE_ADDR: "127.0.0.1",
      REQUEST_METHOD: request.method ?? "GET",
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: headers["content-type"] ?? "",
      CONTENT_LENGTH: String(body.length),
      HTTP_CONTENT_ENCODING: headers["content-encoding"] ?? "",
      GIT_PROTOCOL: String(headers["git-protocol"] ?? ""),
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(body);
  return new Promise((resolve, reject) => {
    let head: Buffer | null = Buffer.alloc(0);
    child.stdout.on("data", (chunk: Buffer) => {
      if (call.isLost) {
        return;
      }
      if (head === null) {
        response.write(chunk);
        return;
      }
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end !== -1) {
        writeHead(response, head.subarray(0, end).toString("utf8"));
        response.write(head.subarray(end + 4));
        head = null;
      }
    });
    child.on("error", reject);
    child.on("close", () => {
      resolve();
    });
  });
}

function writeHead(response: ServerResponse, block: string): void {
  const lines = block.split("\r\n").map((line) => {
    const at = line.indexOf(":");
    return [line.slice(0, at), line.slice(at + 1).trim()] as const;
  });
  const status = lines.find(([name]) => name.toLowerCase() === "status");
  for (const [name, value] of lines) {
    if (name.toLowerCase() !== "status") {
      response.setHeader(name, value);
    }
  }
  response.writeHead(Number((status?.[1] ?? "200").slice(0, 3)));
}
