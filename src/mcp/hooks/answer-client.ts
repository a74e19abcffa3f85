import { existsSync, readdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import type { Repository } from "../../adapters/git/index.ts";
import { ownText, parseLooseObject } from "../../core/base/loose-object.ts";
import type { HookAnswer } from "./answer.ts";
import { answerFolder, isPrivate } from "../../adapters/bus/answer-place.ts";
import type { HookEvent, Host } from "./payload.ts";
import { isHookAnswer } from "./wire.ts";

/** A hook's call as it is passed on. */
export interface PassedCall {
  readonly host: Host;
  readonly event: HookEvent;
  /** The host's own text. */
  readonly text: string;
  /** Where the hook runs. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How long one server may take to answer. */
const patienceMs = 2_000;

/** Asks the MCP servers of this repository, one after the other, until one answers; null when none does. */
export async function askServers(
  repository: Repository,
  call: PassedCall,
): Promise<HookAnswer | null> {
  const folder = answerFolder(repository);
  if (!existsSync(folder) || !isPrivate(folder)) {
    return null;
  }
  const line = JSON.stringify({
    host: call.host,
    event: call.event,
    text: call.text,
    cwd: call.cwd,
    session: call.env["SKEIN_SESSION"] ?? null,
    external: call.env["SKEIN_EXTERNAL_ID"] ?? null,
  });
  for (const name of readdirSync(folder)) {
    const answer = await askOne(join(folder, name), line);
    if (answer !== null) {
      return answer;
    }
  }
  return null;
}

function askOne(path: string, line: string): Promise<HookAnswer | null> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let text = "";
    const end = (answer: HookAnswer | null): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setEncoding("utf8");
    socket.setTimeout(patienceMs, () => {
      end(null);
    });
    socket.on("connect", () => {
      socket.end(`${line}\n`);
    });
    socket.on("data", (part: string) => {
      text += part;
    });
    socket.on("error", (error) => {
      forgetDead(path, error);
      end(null);
    });
    socket.on("end", () => {
      end(readAnswer(text));
    });
  });
}

/** Nobody listens any more: its process was killed. */
function forgetDead(path: string, error: Error): void {
  if ("code" in error && error.code === "ECONNREFUSED") {
    rmSync(path, { force: true });
  }
}

function readAnswer(text: string): HookAnswer | null {
  const object = parseLooseObject(text);
  const answer = object === null || ownText(object, "kind") === null ? null : object;
  return answer !== null && isHookAnswer(answer) ? answer : null;
}
