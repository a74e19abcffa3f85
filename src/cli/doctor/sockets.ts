import { existsSync, readdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { answerFolder, isPrivate } from "../../adapters/bus/answer-place.ts";
import { fine, trouble } from "./finding.ts";
import type { Finding, Patient } from "./finding.ts";
import { counted } from "../counted.ts";

/** Looks at the sockets on which MCP servers answer hooks that may not write to the store, and knocks at each. */
export async function examineSockets({ repository }: Patient): Promise<readonly Finding[]> {
  const folder = answerFolder(repository);
  if (process.platform === "win32" || !existsSync(folder)) {
    return [];
  }
  if (!isPrivate(folder)) {
    return [
      trouble("warn", "socket-folder", {
        what: `${folder} is not this user's alone.`,
        why: "Servers make no socket there, so hooks in a sandbox that keeps .git read-only check nothing.",
        fix: `Remove ${folder}, or give it back with chmod 700; then start the agents anew.`,
      }),
    ];
  }
  const names = readdirSync(folder);
  const answers = await Promise.all(names.map((name) => listens(join(folder, name))));
  const dead = names.filter((_name, index) => answers[index] === false);
  return [
    ...(dead.length < names.length
      ? [
          fine(
            "sockets",
            `${counted(names.length - dead.length, "server")} ${names.length - dead.length === 1 ? "answers" : "answer"} hooks in sandboxes.`,
          ),
        ]
      : []),
    ...dead.map((name) =>
      trouble("note", "socket-dead", {
        what: `Nobody listens at ${join(folder, name)}.`,
        why: "Its server was killed. The next hook that asks takes it away.",
        fix: `rm ${join(folder, name)}`,
      }),
    ),
  ];
}

const patienceMs = 1_000;

function listens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.setTimeout(patienceMs, () => {
      end(false);
    });
    socket.on("connect", () => {
      end(true);
    });
    socket.on("error", () => {
      end(false);
    });
  });
}
