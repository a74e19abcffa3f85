/**
 * `npm run newcomer [-- --files 400]`: the way of somebody who meets Skein in a repository of their own. Packs and installs it in an empty
 * folder, sets it up in a real repository that has settings and hooks already, has the Inspector list its tools, lets two MCP clients work
 * through a Markdown plan until all of it has landed, sets up again, and takes all out again. Needs npm; all else stays on this machine.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { setup as buildIfStale } from "./fresh-build.ts";
import { createGround } from "./newcomer/ground.ts";
import type { Ground } from "./newcomer/ground.ts";
import { planText, taskIds } from "./newcomer/plan.ts";
import { workThrough } from "./newcomer/worker.ts";
import { filesBelow, runQuietly } from "./run.ts";

const inspector = "@modelcontextprotocol/inspector@2.12.0";

const { values } = parseArgs({ options: { files: { type: "string", default: "400" } } });
const scratch = realpathSync(mkdtempSync(join(tmpdir(), "skein-newcomer-")));
let failed = 0;
let passed = 0;
try {
  await walk(createGround({ scratch, program: install(), files: Number(values.files) }));
} finally {
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
console.log(`${String(passed)} passed, ${String(failed)} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function check(name: string, isGood: boolean, seen: unknown): void {
  passed += isGood ? 1 : 0;
  failed += isGood ? 0 : 1;
  console.log(`${isGood ? "ok  " : "FAIL"} ${name}`);
  if (!isGood) {
    console.log(typeof seen === "string" ? seen : JSON.stringify(seen, null, 1));
  }
}

/** Packs Skein, installs it where nothing else is, and answers the path of its program. */
function install(): string {
  const folder = join(scratch, "install");
  mkdirSync(folder);
  buildIfStale();
  // Built already; what an install would build again is read by others meanwhile.
  runQuietly("npm", ["pack", "--ignore-scripts", "--pack-destination", scratch]);
  const tarball = filesBelow(scratch).find((path) => path.endsWith(".tgz")) ?? "";
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "someone", private: true }));
  runQuietly("npm", ["install", "--no-audit", "--no-fund", join(scratch, tarball)], {
    cwd: folder,
  });
  return join(folder, "node_modules", "skein", "bin", "skein.js");
}

async function walk(ground: Ground): Promise<void> {
  const before = ground.fingerprint();
  const begun = performance.now();
  const first = ground.skein("init", "--yes", "--agents", "claude,codex,gemini,opencode");
  check(`init ends well, in ${seconds(begun)} s`, first.code === 0, first.output);
  const doctor = ground.skein("doctor");
  check("doctor finds nothing wrong", doctor.code === 0, doctor.output);

  checkInspector(ground);
  await checkPlan(ground);

  const setUp = ground.fingerprint();
  const second = ground.skein("init", "--yes", "--agents", "claude,codex,gemini,opencode");
  check("a second init says that nothing changes", /No change/u.test(second.output), second.output);
  check("and changes no byte", ground.fingerprint() === setUp, second.output);
  const removal = ground.skein("init", "--remove", "--yes");
  check("init --remove ends well", removal.code === 0, removal.output);
  const after = ground.fingerprint();
  const was = new Set(before.split("\n"));
  const odd = after.split("\n").filter((line) => !was.has(line));
  check("and gives every byte back", after === before, odd.join("\n"));
}

/** As in the configuration that `init` has written. */
function checkInspector({ repository, home }: Ground): void {
  const config = join(repository, ".mcp.json");
  const words = ["-y", inspector, "--cli", "--config", config, "--server", "skein"];
  const listed = runQuietly("npx", words.concat("--method", "tools/list", "--format", "json"), {
    cwd: repository,
    env: { HOME: home, MCP_INSPECTOR_SECRET_STORE: "memory" },
  });
  const names = ["next_task", "finish_task", "claim_files", "look", "propose_plan"];
  check(
    "the Inspector lists the tools of the configured server",
    names.every((name) => listed.includes(`"${name}"`)),
    listed,
  );
}

async function checkPlan(ground: Ground): Promise<void> {
  const file = join(ground.home, "Tidy up.md");
  writeFileSync(file, planText);
  const imported = ground.skein("plan", "import", file);
  check("the Markdown plan is imported", imported.code === 0, imported.output);
  const begun = performance.now();
  const landing = ground.startIntegrating();
  const workers = await Promise.all(["ada", "grace"].map((name) => workThrough(ground, name)));
  await landing.stop();
  const done = workers.flatMap(({ tasks }) => tasks);
  check(
    `two clients do every task once, in ${seconds(begun)} s`,
    done.toSorted().join() === [...taskIds].toSorted().join(),
    workers,
  );
  check(
    "both had work",
    workers.every(({ tasks }) => tasks.length > 0),
    workers,
  );
  const { tasks } = ground.state();
  check(
    "every task is done and integrated",
    tasks.length === taskIds.length && tasks.every(({ status }) => status === "done"),
    tasks,
  );
  const log = ground.git("log", "--format=%B", "main");
  check(
    "every commit on main names its task",
    taskIds.every((id) => log.includes(`Skein-Task: tidy-up/${id}`)),
    log,
  );
  const verified = ground.skein("verify");
  check("skein verify finds nothing wrong", verified.code === 0, verified.output);
}

function seconds(sinceMs: number): string {
  return ((performance.now() - sinceMs) / 1_000).toFixed(1);
}
