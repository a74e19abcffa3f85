import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./scripts/longest-first.ts";

// Some thousand processes load the same modules: the tests' workers, agents and servers keep the compiled code for each other.
process.env["NODE_COMPILE_CACHE"] ??= join(import.meta.dirname, "node_modules/.cache/compiled");

/** Kinds of tests that start programs or run long, and when one of their cases counts as hanging: far beyond what it takes. */
const started = {
  contract: 90_000,
  property: 400_000,
  chaos: 500_000,
  e2e: 300_000,
  security: 180_000,
};

/** Most of a small file's time is the loading of what it tests: here a worker loads each module once for all its files. */
const sharing: ReadonlySet<string> = new Set(["contract"]);

const unit = ["core", "mcp", "http", "bot", "cli", "adapters", "settings", "house", "scripts"];

export default defineConfig({
  test: {
    pool: "forks",
    // Two more than the smallest machine has cores: many tests wait for programs, servers and clocks. With three more, agents that wait for a server took it for frozen.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    restoreMocks: true,
    unstubEnvs: true,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          // As in `sharing`.
          isolate: false,
          include: [...unit.map((folder) => `test/${folder}/**/*.test.ts`), "test/*.test.ts"],
          globalSetup: ["scripts/fresh-build.ts", "scripts/own-postgres.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      ...Object.entries(started).map(([name, testTimeout]) => ({
        extends: true as const,
        test: {
          name,
          isolate: !sharing.has(name),
          include: [`test/${name}/**/*.test.ts`],
          globalSetup: ["scripts/fresh-build.ts", "scripts/own-postgres.ts"],
          testTimeout,
          hookTimeout: 60_000,
        },
      })),
    ],
  },
});
