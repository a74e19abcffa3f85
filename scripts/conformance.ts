/**
 * Runs the scenarios of the official conformance suite that a server with tools of its own can pass, against the real HTTP front of
 * `skein serve` on loopback. Needs npm; everything else stays on this machine. `npx node scripts/conformance.ts`
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mountOverHttp } from "../test/support/mcp-http.ts";

const suite = "@modelcontextprotocol/conformance@0.2.0-alpha.12";

/** By revision of the protocol. */
const scenarios: Readonly<Record<string, readonly string[]>> = {
  "2025-11-25": [
    "server-initialize",
    "ping",
    "tools-list",
    "resources-list",
    "resources-subscribe",
    "resources-unsubscribe",
    "prompts-list",
    "dns-rebinding-protection",
  ],
  "2026-07-28": [
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
};

const mount = await mountOverHttp();
const results = mkdtempSync(join(tmpdir(), "skein-conformance-"));
let failed = 0;
let passed = 0;
for (const [revision, names] of Object.entries(scenarios)) {
  for (const name of names) {
    const { code, output } = await runScenario(name, revision);
    failed += code === 0 ? 0 : 1;
    passed += code === 0 ? 1 : 0;
    console.log(`${code === 0 ? "ok  " : "FAIL"} ${revision} ${name}`);
    if (code !== 0) {
      console.log(output);
    }
  }
}
await mount.close();
rmSync(results, { recursive: true });
console.log(`${String(passed)} passed, ${String(failed)} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function runScenario(
  name: string,
  revision: string,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const args = ["-y", "-p", "node@22", "-p", suite, "conformance", "server", "--url", mount.url];
  const child = spawn(
    "npx",
    [...args, "--scenario", name, "--spec-version", revision, "-o", results],
    {
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
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
