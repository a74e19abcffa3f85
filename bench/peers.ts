import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { createCoordinatedRepository } from "../test/support/coordinated-repository.ts";
import { atMost, isQuick, report } from "./support/figure.ts";
import { serveSkein } from "./support/servers.ts";
import { aCaller, aPlan, aTask, inFolder, nextOf } from "./support/stand.ts";

const peerPairs = isQuick ? 20 : 100;
const ourPairs = isQuick ? 100 : 500;

/**
 * Two clients, each with a server of its own as two agents have them, change two different tasks at the same moment; then both changes are
 * looked for. `SKEIN_BENCH_PEERS` names a folder where the peer is installed already.
 */
async function main(): Promise<void> {
  const ours = await lostBySkein();
  const theirs = await inFolder(async (folder) => lostByTaskMaster(folder));
  report([
    {
      name: `Skein, lost updates of ${String(ourPairs * 2)}`,
      value: ours,
      unit: "",
      target: atMost(0),
    },
    {
      name: `task-master-ai ${theirs.version}, lost updates of ${String(peerPairs * 2)}`,
      value: theirs.lost,
      unit: "",
      target: null,
    },
  ]);
}

async function lostBySkein(): Promise<number> {
  const repository = await createCoordinatedRepository();
  const { dispatch, plans, store } = repository.project.skein;
  const tasks = Array.from({ length: 20 }, (_, at) => aTask(`T${String(at + 1)}`));
  await dispatch.importPlan(aPlan(tasks), { actor: "system" });
  const held: { session: string; task: string; fence: number }[] = [];
  for (let at = 0; at < 20; at += 1) {
    const { standing, claim } = await dispatch.nextTask(nextOf(aCaller(String(at))));
    if (claim !== null) {
      held.push({ session: standing.handle, task: claim.task.id, fence: claim.fence });
    }
  }
  const servers = [await serveSkein(repository.root), await serveSkein(repository.root)];
  let lost = 0;
  for (let pair = 0; pair < ourPairs; pair += 1) {
    const percent = pair % 100;
    const two = [held[(pair * 2) % 20], held[(pair * 2 + 1) % 20]];
    await Promise.all(
      servers.map(({ client }, at) =>
        client.callTool({ name: "update_task", arguments: { ...two[at], percent } }),
      ),
    );
    for (const each of two) {
      const task = await store.read((reader) =>
        plans.get(reader, { plan: "bench", id: each?.task ?? "" }),
      );
      lost += task.percent === percent ? 0 : 1;
    }
  }
  await Promise.all(servers.map((server) => server.close()));
  await repository.remove();
  return lost;
}

interface PeerResult {
  readonly lost: number;
  readonly version: string;
}

async function lostByTaskMaster(folder: string): Promise<PeerResult> {
  const installed = process.env["SKEIN_BENCH_PEERS"] ?? install(folder);
  const home = join(installed, "node_modules", "task-master-ai");
  const { version }: { version: string } = JSON.parse(
    readFileSync(join(home, "package.json"), "utf8"),
  );
  const file = join(folder, ".taskmaster", "tasks", "tasks.json");
  mkdirSync(join(folder, ".taskmaster", "tasks"), { recursive: true });
  writeFileSync(file, JSON.stringify({ master: { tasks: peerTasks(), metadata: {} } }));
  writeFileSync(join(folder, ".taskmaster", "config.json"), "{}");
  const clients = [await connect(home, folder), await connect(home, folder)];
  let lost = 0;
  for (let pair = 0; pair < peerPairs; pair += 1) {
    const ids = [String(pair * 2 + 1), String(pair * 2 + 2)];
    const answers = await Promise.all(
      clients.map((client, at) =>
        client.callTool({
          name: "set_task_status",
          arguments: { id: ids[at], status: "done", projectRoot: folder },
        }),
      ),
    );
    const refused = answers.filter(({ isError }) => isError === true).length;
    if (refused > 0) {
      throw new Error(`task-master-ai refused: ${JSON.stringify(answers)}`);
    }
    lost += ids.filter((id) => statusOf(file, id) !== "done").length;
  }
  await Promise.all(clients.map((client) => client.close()));
  return { lost, version };
}

function install(folder: string): string {
  const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "task-master-ai"];
  execFileSync("npm", args, { cwd: folder, stdio: "ignore" });
  return folder;
}

function peerTasks(): readonly Readonly<Record<string, unknown>>[] {
  return Array.from({ length: peerPairs * 2 }, (_, at) => ({
    id: at + 1,
    title: `Task ${String(at + 1)}`,
    description: "What to do.",
    status: "pending",
    dependencies: [],
    priority: "medium",
    details: "",
    testStrategy: "",
    subtasks: [],
  }));
}

async function connect(home: string, cwd: string): Promise<Client> {
  const args = [join(home, "dist", "mcp-server.js")];
  const transport = new StdioClientTransport({
    command: process.execPath,
    args,
    cwd,
    stderr: "ignore",
  });
  const client = new Client({ name: "bench", version: "1.0.0" });
  await client.connect(transport);
  return client;
}

interface PeerFile {
  readonly master: {
    readonly tasks: readonly { readonly id: number | string; readonly status: string }[];
  };
}

/** The status of a task in the peer's file, or null when the task is gone. */
function statusOf(file: string, id: string): string | null {
  const { master }: PeerFile = JSON.parse(readFileSync(file, "utf8"));
  return master.tasks.find((task) => String(task.id) === id)?.status ?? null;
}

await main();
