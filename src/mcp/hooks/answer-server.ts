import { chmodSync, rmSync, rmdirSync } from "node:fs";
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { join } from "node:path";
import { locateRepository } from "../../adapters/git/index.ts";
import type { Repository } from "../../adapters/git/index.ts";
import { ownText, parseLooseObject } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { answerHook } from "./answer-hook.ts";
import type { HookAnswer } from "./answer.ts";
import { answerFolder, makeAnswerFolder } from "../../adapters/bus/answer-place.ts";
import { createHookContext } from "./hook-context.ts";
import type { HookParts } from "./hook-context.ts";
import { isHookEvent, isHost, parseHookCall, payloadLimit } from "./payload.ts";
import type { HookCall } from "./payload.ts";

export interface AnswerServerOptions extends Omit<HookParts, "cwd" | "env"> {
  readonly repository: Repository;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Tells sockets of one repository apart. */
  readonly pid: number;
}

export interface AnswerServer {
  readonly path: string;
  close(): Promise<void>;
}

/**
 * Lets hooks that may not write to the store ask this process instead, over a socket that only this user can open. Null where no such
 * socket can be made: the hooks then say that they checked nothing.
 */
export async function startAnswerServer(
  options: AnswerServerOptions,
): Promise<AnswerServer | null> {
  if (process.platform === "win32" || !makeAnswerFolder(options.repository)) {
    return null;
  }
  const path = join(answerFolder(options.repository), `${String(options.pid)}.sock`);
  rmSync(path, { force: true });
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    serve(socket, options);
  });
  if (!(await listens(server, path))) {
    return null;
  }
  chmodSync(path, 0o600);
  server.unref();
  return {
    path,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          leaveFolder(answerFolder(options.repository));
          resolve();
        });
      }),
  };
}

/** The last one to go takes the folder along. */
function leaveFolder(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Others still listen there.
  }
}

function listens(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    server.once("error", () => {
      resolve(false);
    });
    server.listen(path, () => {
      resolve(true);
    });
  });
}

/** How long a hook may take to say what it wants. */
const patienceMs = 5_000;

function serve(socket: Socket, options: AnswerServerOptions): void {
  let text = "";
  socket.setEncoding("utf8");
  socket.setTimeout(patienceMs, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.on("data", (part: string) => {
    text += part;
    if (text.length > payloadLimit * 2) {
      socket.destroy();
    }
  });
  socket.on("end", () => {
    void answer(text, options).then((said) => socket.end(`${JSON.stringify(said)}\n`));
  });
}

async function answer(text: string, options: AnswerServerOptions): Promise<HookAnswer> {
  const object = parseLooseObject(text);
  const call = object === null ? null : readCall(object);
  if (object === null || call === null) {
    return unclear;
  }
  const env = {
    ...options.env,
    SKEIN_SESSION: ownText(object, "session") ?? undefined,
    SKEIN_EXTERNAL_ID: ownText(object, "external") ?? undefined,
  };
  try {
    const cwd = ownText(object, "cwd") ?? options.repository.root;
    const repository = worktreeAt(call.cwd ?? cwd, options.repository);
    return await answerHook(createHookContext({ ...options, repository, cwd, env }, call), call);
  } catch {
    return unclear;
  }
}

/** The hook may run in another worktree of the repository than this process. */
function worktreeAt(cwd: string, own: Repository): Repository {
  const found = locateRepository(cwd);
  return found?.commonDir === own.commonDir ? found : own;
}

function readCall(object: LooseObject): HookCall | null {
  const host = ownText(object, "host") ?? "";
  const event = ownText(object, "event") ?? "";
  return isHost(host) && isHookEvent(event)
    ? parseHookCall(host, event, ownText(object, "text") ?? "")
    : null;
}

const unclear: HookAnswer = {
  kind: "note",
  text: "Skein could not answer the hook, so nothing was checked.",
};
