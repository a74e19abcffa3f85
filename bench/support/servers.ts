import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

/** A client with a server process of its own. */
export interface Served {
  readonly client: Client;
  readonly pid: number;
  close(): Promise<void>;
}

const root = join(import.meta.dirname, "..", "..");

/** The command as people install it; its built files must be there. */
export const skeinBin: string = join(root, "bin", "skein.js");

/** Starts `skein mcp` in a repository. */
export async function serveSkein(cwd: string): Promise<Served> {
  return serve([skeinBin, "mcp"], cwd);
}

/** Starts the least server with the SDK, over a file in a folder; by default it flushes each write to the disk, as Skein does. */
export async function serveTrivial(
  cwd: string,
  durability: "full" | "normal" = "full",
): Promise<Served> {
  const file = join(cwd, "notes.db");
  return serve([join(import.meta.dirname, "trivial-server.js"), file, durability], cwd);
}

async function serve(args: readonly string[], cwd: string): Promise<Served> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [...args],
    cwd,
    stderr: "ignore",
  });
  const client = new Client({ name: "bench", version: "1.0.0" });
  await client.connect(transport);
  return { client, pid: transport.pid ?? 0, close: async () => client.close() };
}
