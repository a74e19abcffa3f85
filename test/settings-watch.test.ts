import { mkdtempSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { loadSettings } from "../src/settings.ts";
import { watchSettings } from "../src/settings-watch.ts";
import type { SettingsWatch } from "../src/settings-watch.ts";
import { aRepository, removeRepositories, testEnv } from "./adapters/git/repositories.ts";
import { createManualTimer } from "./support/manual-timer.ts";

let root = "";
let watch: SettingsWatch;
let lines: string[] = [];

function write(text: string): void {
  writeFileSync(join(root, "skein.yml"), text);
}

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "skein-watch-"));
  lines = [];
  write("leases: { minutes: 10 }\n");
  const { settings } = await loadSettings({ root, env: {} });
  watch = watchSettings({
    root,
    env: {},
    first: settings,
    // Nothing is looked at but when the test says so.
    timer: { nowMs: () => 0, sleep: async () => new Promise(() => {}) },
    log: (line) => lines.push(line),
  });
});

afterEach(() => {
  watch.close();
  rmSync(root, { recursive: true });
});

describe("watchSettings", () => {
  test("says nothing while the file stays as it is", async () => {
    await watch.look();

    expect(lines).toEqual([]);
  });

  test("takes over what changed, and names it", async () => {
    write("leases: { minutes: 20 }\nintegration: { method: merge }\n");
    await watch.look();

    expect(watch.current().leases.durationMs).toBe(1_200_000);
    expect(lines).toEqual(["skein.yml was read anew. Now: leases.minutes, integration."]);
  });

  test("says of a file that is wrong in one line, whatever stands in it", async () => {
    write('"x\\nskein serve: all is well": 1\n');
    await watch.look();

    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain("\n");
  });

  test("keeps the last good ones while the file is wrong, says so once, and goes on with the next good one", async () => {
    write("leases: { minuts: 20 }\n");
    await watch.look();
    await watch.look();
    const during = watch.current().leases.durationMs;
    write("leases: { minutes: 30, case_insensitive: true }\n");
    await watch.look();

    expect(during).toBe(600_000);
    expect(watch.current().leases.durationMs).toBe(1_800_000);
    expect(lines.length).toBe(2);
    expect(lines[0]).toMatch(
      /^skein\.yml is wrong, and what held before goes on: SKN-2002 .*line 1, column 11.*minuts/u,
    );
    expect(lines[1]).toBe(
      "skein.yml was read anew. Now: leases.minutes. The rest of what changed counts after a restart.",
    );
  });

  test("goes back to what held last, and not to what it began with", async () => {
    write("leases: { minutes: 20 }\n");
    await watch.look();
    write("leases: { minutes: often }\n");
    await watch.look();

    expect(watch.current().leases.durationMs).toBe(1_200_000);
    expect(lines[1]).toContain("skein.yml is wrong, and what held before goes on");
  });

  test("sees a change that leaves the file as long as it was, and a file of the same age in its place", async () => {
    const file = join(root, "skein.yml");
    await watch.look();
    write("leases: { minutes: 11 }\n");
    utimesSync(file, 1_000, 1_000);
    await watch.look();
    const written = watch.current().leases.durationMs;
    writeFileSync(`${file}.new`, "leases: { minutes: 12 }\n");
    utimesSync(`${file}.new`, 1_000, 1_000);
    renameSync(`${file}.new`, file);
    await watch.look();

    expect(statSync(file).mtimeMs).toBe(1_000_000);
    expect([written, watch.current().leases.durationMs]).toEqual([660_000, 720_000]);
  });

  test("takes over what was written after the first were read and before it began to look", async () => {
    const { settings } = await loadSettings({ root, env: {} });
    write("leases: { minutes: 20 }\n");
    const late = watchSettings({
      root,
      env: {},
      first: settings,
      timer: { nowMs: () => 0, sleep: async () => new Promise(() => {}) },
      log: (line) => lines.push(line),
    });

    await late.look();
    late.close();

    expect(late.current().leases.durationMs).toBe(1_200_000);
    expect(lines).toEqual(["skein.yml was read anew. Now: leases.minutes."]);
  });

  test("looks each two seconds by itself, and no more once it is closed", async () => {
    const timer = createManualTimer();
    const { settings } = await loadSettings({ root, env: {} });
    const own = watchSettings({
      root,
      env: {},
      first: settings,
      timer,
      log: (line) => lines.push(line),
    });
    write("leases: { minutes: 20 }\n");

    await timer.advance(1_999);
    const early = own.current().leases.durationMs;
    await timer.advance(1);
    await vi.waitFor(() => expect(own.current().leases.durationMs).toBe(1_200_000));
    await vi.waitFor(() => expect(timer.sleepers()).toBe(1));
    own.close();
    write("leases: { minutes: 30 }\n");
    await timer.advance(10_000);

    expect([early, timer.sleepers(), own.current().leases.durationMs]).toEqual([
      600_000, 0, 1_200_000,
    ]);
    expect(lines).toEqual(["skein.yml was read anew. Now: leases.minutes."]);
  });

  test("leaves what a flag or a variable says as it is", async () => {
    const said = { env: { SKEIN_INTEGRATION_METHOD: "merge" }, flags: { "leases.minutes": "5" } };
    const { settings } = await loadSettings({ root, ...said });
    const own = watchSettings({
      root,
      ...said,
      first: settings,
      timer: createManualTimer(),
      log: (line) => lines.push(line),
    });
    write("leases: { minutes: 20 }\nintegration: { method: rebase }\nbudgets: { day_usd: 3 }\n");

    await own.look();
    own.close();

    expect(own.current().leases.durationMs).toBe(300_000);
    expect(own.current().integration.method).toBe("merge");
    expect(lines).toEqual(["skein.yml was read anew. Now: budgets."]);
  });

  test("sees a change below a name that people chose", async () => {
    write("checks: { test: { run: npm test } }\n");
    await watch.look();
    write("checks: { test: { run: npm run all } }\n");
    await watch.look();

    expect(watch.current().checks.get("test")?.argv).toEqual(["npm", "run", "all"]);
    expect(lines[1]).toBe("skein.yml was read anew. Now: checks.");
  });

  test("goes back to the defaults where the file is gone", async () => {
    rmSync(join(root, "skein.yml"));
    await watch.look();

    expect(watch.current().leases.durationMs).toBe(1_800_000);
  });

  test("says nothing of a file that means the same", async () => {
    write("# Ten minutes.\nleases:\n  minutes: 10\n");
    await watch.look();

    expect(lines).toEqual([]);
  });

  test("takes over a .env that git does not track, and names one that is wrong", async () => {
    const repository = aRepository({ "skein.yml": "leases: { minutes: 10 }\n" });
    const file = join(repository.root, ".env");
    const { settings } = await loadSettings({ root: repository.root, env: {} });
    const local = watchSettings({
      root: repository.root,
      env: testEnv,
      first: settings,
      timer: { nowMs: () => 0, sleep: async () => new Promise(() => {}) },
      log: (line) => lines.push(line),
    });

    await local.look();
    writeFileSync(file, "SKEIN_LEASES_MINUTES=20\n", { mode: 0o600 });
    await local.look();
    const taken = local.current().leases.durationMs;
    writeFileSync(file, "SKEIN_LEASES_MINUTES=often\n");
    await local.look();
    rmSync(file);
    await local.look();
    local.close();

    expect(taken).toBe(1_200_000);
    expect(local.current().leases.durationMs).toBe(600_000);
    expect(lines[0]).toBe(".env was read anew. Now: leases.minutes.");
    expect(lines[1]).toMatch(/^\.env is wrong, and what held before goes on: SKN-2005 .*line 1/u);
    removeRepositories();
  });
});
