/**
 * Runs both requirement sets of the official conformance suite against the real HTTP front of `skein serve` on loopback: with Skein's own
 * server, which has none of the tools that most scenarios call, and with a test-only server in its place that has them. Needs npm;
 * everything else stays on this machine. `npx node scripts/conformance.ts`
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMcpFace } from "../src/mcp/index.ts";
import { createFixtureServer } from "../test/support/conformance/fixture-server.ts";
import { createSessionFace } from "../test/support/conformance/session-face.ts";
import type { StandOptions } from "../test/support/http-stand.ts";
import { mountOverHttp } from "../test/support/mcp-http.ts";

const suite = "@modelcontextprotocol/conformance@0.2.0-alpha.12";

/** One requirement set against one server. */
interface Run {
  readonly title: string;
  readonly revision: "2025-11-25" | "2026-07-28";
  readonly options: StandOptions;
  /** The scenarios that are looked at; null: all. */
  readonly only: readonly string[] | null;
  /** Those that cannot pass there; one that passes fails the run, so that the list stays true. */
  readonly cannot: readonly string[];
}

const fixtureFace: typeof createMcpFace = (watcher) =>
  createMcpFace(watcher, (_, bus) => createFixtureServer(bus));

const runs: readonly Run[] = [
  {
    title: "Skein's own server",
    revision: "2025-11-25",
    options: {},
    only: [
      "server-initialize",
      "ping",
      "tools-list",
      "resources-list",
      "resources-subscribe",
      "resources-unsubscribe",
      "prompts-list",
      "dns-rebinding-protection",
    ],
    cannot: [],
  },
  {
    title: "Skein's own server",
    revision: "2026-07-28",
    options: {},
    only: [
      "tools-list",
      "resources-list",
      "prompts-list",
      "caching",
      "http-header-validation",
      "dns-rebinding-protection",
      "sep-2164-resource-not-found",
      "server-sse-multiple-streams",
      "input-required-result-unsupported-methods",
      "input-required-result-validate-input",
    ],
    cannot: [],
  },
  {
    title: "The fixture",
    revision: "2026-07-28",
    options: { createFace: fixtureFace },
    only: null,
    cannot: [],
  },
  {
    title: "The fixture, without sessions",
    revision: "2025-11-25",
    options: { createFace: fixtureFace },
    only: null,
    // Without sessions a client of this revision cannot be asked in the midst of a call.
    cannot: [
      "tools-call-sampling",
      "tools-call-elicitation",
      "elicitation-sep1034-defaults",
      "elicitation-sep1330-enums",
    ],
  },
  {
    title: "The fixture, with sessions",
    revision: "2025-11-25",
    options: { createFace: (watcher) => createSessionFace(fixtureFace(watcher)) },
    only: null,
    cannot: [],
  },
];

/** An extension that Skein does not offer. The suite runs its scenarios with a set, and does not score them. */
const extension = /^tasks-/u;

const bin = realpathSync(
  execFileSync("npx", ["-y", "-p", suite, "-c", "command -v conformance"], {
    encoding: "utf8",
  }).trim(),
);
const results = mkdtempSync(join(tmpdir(), "skein-conformance-"));
const counts = { ok: 0, FAIL: 0, cannot: 0, "n/a": 0 };
for (const run of runs) {
  await runSet(run);
}
rmSync(results, { recursive: true });
console.log(
  `\n${String(counts.ok)} passed, ${String(counts.FAIL)} failed, ${String(counts.cannot)} cannot pass, ${String(counts["n/a"])} not applicable`,
);
process.exitCode = counts.FAIL === 0 ? 0 : 1;

async function runSet(run: Run): Promise<void> {
  const { title, revision, options, only, cannot } = run;
  console.log(`\n${title}, ${revision}`);
  const failedBefore = counts.FAIL;
  const mount = await mountOverHttp(options);
  const { code, output } = await ask(["--url", mount.url, "--requirements", revision]);
  await mount.close();
  const passed = passedIn(output);
  for (const name of only ?? passed.keys()) {
    tell(wordFor(name, run, passed.get(name) ?? false), name);
  }
  if (only === null && cannot.length === 0) {
    tell(code === 0 && passed.size > 0 ? "ok" : "FAIL", "the whole set, as the suite scores it");
  }
  if (counts.FAIL > failedBefore) {
    console.log(output);
  }
}

function wordFor(name: string, { cannot }: Run, hasPassed: boolean): keyof typeof counts {
  if (extension.test(name)) {
    return "n/a";
  }
  if (cannot.includes(name)) {
    return hasPassed ? "FAIL" : "cannot";
  }
  return hasPassed ? "ok" : "FAIL";
}

/** Whether each scenario passed, those too that the suite does not score yet. */
function passedIn(output: string): ReadonlyMap<string, boolean> {
  const lines = output.matchAll(/^([✓✗]) ([\w-]+): \d+ passed, \d+ failed/gmu);
  return new Map([...lines].map(([, mark, name = ""]) => [name, mark === "✓"]));
}

function tell(word: keyof typeof counts, what: string): void {
  counts[word] += 1;
  console.log(`${word.padEnd(6)} ${what}`);
}

async function ask(
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(process.execPath, [bin, "server", ...args, "-o", results], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
    });
  }
  const code = await new Promise<number | null>((resolve) => {
    child.on("close", resolve);
  });
  return { code, output };
}
