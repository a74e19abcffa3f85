/**
 * `npm run host -- codex|gemini|opencode [--at FOLDER]`: installs a real agent program from the npm registry, sets it up with the real
 * `skein init`, lets a scripted model on 127.0.0.1 drive it through a plan, and looks in the ledger at what happened. `--at` keeps the
 * installation and uses it again. Not part of the tests: the programs are large (Codex about 400 MB).
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { checksOf } from "./hosts/checks.ts";
import { codex } from "./hosts/codex.ts";
import { gemini } from "./hosts/gemini.ts";
import { placeIn, prepare } from "./hosts/ground.ts";
import type { Done, Place } from "./hosts/ground.ts";
import type { Host } from "./hosts/host.ts";
import { startModel } from "./hosts/model-server.ts";
import { opencode } from "./hosts/opencode.ts";
import { run } from "./run.ts";

const hosts: readonly Host[] = [codex, gemini, opencode];
const patienceMs = 170_000;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { at: { type: "string" }, debug: { type: "boolean", default: false } },
});
const chosen = hosts.find(({ name }) => name === positionals[0]);
if (chosen === undefined) {
  console.error(`Say which: npm run host -- ${hosts.map(({ name }) => name).join("|")}`);
  process.exitCode = 2;
} else {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), "skein-host-")));
  try {
    process.exitCode = await drive(chosen, scratch);
  } finally {
    if (!values.debug) {
      rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    }
  }
}

async function drive(host: Host, scratch: string): Promise<number> {
  const program = install(
    host,
    values.at === undefined ? join(scratch, "host") : resolve(values.at),
  );
  const place = placeIn(scratch);
  prepare(place, host.name);
  const model = await startModel(host);
  const ground = { ...place, port: model.port };
  host.configure(ground);
  const begunAt = performance.now();
  const done = await runHost(program, host.command(ground), place);
  model.close();
  const seconds = ((performance.now() - begunAt) / 1000).toFixed(1);
  console.log(
    `${host.packageSpec}: ${String(model.requests.length)} turns in ${seconds} s, exit code ${String(done.code)}`,
  );
  const checks = checksOf({ host, place, requests: model.requests, code: done.code });
  for (const { name, isGood, seen } of checks) {
    console.log(
      `${isGood ? "ok    " : "FAILED"} ${name}${isGood ? "" : `\n       ${seen.slice(0, 400)}`}`,
    );
  }
  const failed = checks.filter(({ isGood }) => !isGood).length;
  if (failed > 0 || values.debug) {
    const text = [...model.calls, done.output, ...model.requests].join("\n\n");
    writeFileSync(join(scratch, "seen.txt"), text);
  }
  console.log(`${String(checks.length - failed)} passed, ${String(failed)} failed`);
  return failed === 0 ? 0 : 1;
}

/** Installs the host where it is not yet, and answers the path of its program. */
function install({ packageSpec, program }: Host, folder: string): string {
  const path = join(folder, "node_modules", ".bin", program);
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    console.log(`Installing ${packageSpec}`);
    run("npm", ["install", "--prefix", folder, "--no-audit", "--no-fund", packageSpec], {
      cwd: folder,
    });
  }
  return path;
}

/** Runs the host in a process group of its own, which is ended with it. */
async function runHost(
  program: string,
  command: ReturnType<Host["command"]>,
  { worktree, env }: Place,
): Promise<Done> {
  const child = spawn(program, command.args, {
    cwd: worktree,
    env: { ...env, ...command.env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
    });
  }
  const endGroup = (): void => {
    try {
      process.kill(-(child.pid ?? 0), "SIGKILL");
    } catch {
      // Nobody is left in the group.
    }
  };
  const late = setTimeout(endGroup, patienceMs);
  const code = await new Promise<number>((resolveCode) => {
    child.on("error", () => {
      resolveCode(1);
    });
    child.on("exit", (exit) => {
      resolveCode(exit ?? 1);
    });
  });
  clearTimeout(late);
  if (child.pid !== undefined) {
    endGroup();
  }
  return { code, output };
}
