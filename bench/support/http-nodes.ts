import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { plainEnv } from "../../test/support/coordinated-repository.ts";
import { skeinBin } from "./servers.ts";

/** A server over HTTP in a process of its own. */
export interface Node {
  readonly child: ChildProcess;
  readonly url: string;
  readonly token: string;
}

export async function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.once("data", (part: Buffer) => {
      resolve(part.toString().split("\n", 1)[0] ?? "");
    });
    child.once("exit", (code) => {
      reject(new Error(`A server ended with ${String(code)}.`));
    });
  });
}

export async function startSkein(
  cwd: string,
  {
    env = {},
    args = [],
  }: { readonly env?: Readonly<Record<string, string>>; readonly args?: readonly string[] } = {},
): Promise<Node> {
  const child = spawn(process.execPath, [skeinBin, "serve", "--port", "0", "--json", ...args], {
    cwd,
    env: { ...plainEnv, ...env },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const facts: { readonly url: string; readonly token_file: string } = JSON.parse(
    await firstLine(child),
  );
  return { child, url: facts.url, token: readFileSync(facts.token_file, "utf8").trim() };
}

export async function stop({ child }: Pick<Node, "child">): Promise<void> {
  const gone = new Promise((resolve) => {
    child.once("exit", resolve);
  });
  child.kill("SIGKILL");
  await gone;
}

export interface Said {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** One agent with a connection of its own. */
export interface Caller {
  readonly node: Node;
  readonly agent: Agent;
  readonly id: string;
}

export function call({ node, agent, id }: Caller, tool: string, input: unknown): Promise<Said> {
  const headers = {
    authorization: `Bearer ${node.token}`,
    "content-type": "application/json",
    "skein-external-id": id,
  };
  return new Promise((resolve, reject) => {
    const asked = request(
      `${node.url}/api/v1/tools/${tool}`,
      { agent, method: "POST", headers },
      (answer) => {
        let text = "";
        answer.on("data", (part: Buffer) => {
          text += part.toString();
        });
        answer.on("end", () => {
          resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text) });
        });
      },
    );
    asked.on("error", reject);
    asked.end(JSON.stringify(input));
  });
}

export function callersOf(nodes: readonly Node[], count: number): readonly Caller[] {
  return Array.from({ length: count }, (_, at) => {
    const node = nodes[at % nodes.length];
    if (node === undefined) {
      throw new Error("There is no node.");
    }
    return {
      node,
      agent: new Agent({ keepAlive: true, maxSockets: 1 }),
      id: `bench:${String(at)}`,
    };
  });
}

export function leave(callers: readonly Caller[]): void {
  for (const { agent } of callers) {
    agent.destroy();
  }
}
