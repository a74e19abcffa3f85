import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { faultsOf } from "../support/cli-documents.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "skein-demo-test-"));
  mkdirSync(join(folder, "temporary"));
  writeFileSync(join(folder, "small.yml"), smallPlan);
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

describe("skein demo", () => {
  test("does the same plan twice and loses nothing with Skein, though an agent is killed", async () => {
    const { exitCode, stdout } = await demo("--json", "--agents", "3", "--kills", "1").ended;

    const answer: unknown = JSON.parse(stdout);
    expect(answer).toMatchObject({
      without: { tasks_done: 6, killed_agents: 1 },
      with: {
        tasks_done: 6,
        duplicated_tasks: 0,
        merge_conflicts: 0,
        lost_edits: 0,
        killed_agents: 1,
      },
    });
    expect(faultsOf("demo", answer)).toEqual([]);
    expect(exitCode).toBe(0);
    expect(leftBehind()).toEqual([]);
  });

  test("leaves nothing behind when it is interrupted", async () => {
    const running = demo("--agents", "2", "--kills", "0");
    await running.says("hands in");

    running.interrupt();

    expect((await running.ended).exitCode).toBe(130);
    expect(leftBehind()).toEqual([]);
  });

  test("refuses a plan that is not there", async () => {
    const { exitCode, stderr } = await demo("--plan", "none.yml").ended;

    expect(exitCode).toBe(2);
    expect(stderr).toContain("SKN-1022");
    expect(leftBehind()).toEqual([]);
  });
});

function leftBehind(): readonly string[] {
  return readdirSync(join(folder, "temporary")).filter((name) => name.startsWith("skein-demo-"));
}

const smallPlan = `plan: small
tasks:
  - { id: A, title: First note, files: [CHANGELOG.md, docs/text.md] }
  - { id: B, title: Second note, files: [CHANGELOG.md, docs/list.md] }
  - { id: C, title: Third note, files: ["docs/t*.md"] }
  - { id: D, title: Fourth note, files: [src/text/case.ts], depends_on: [A] }
  - { id: E, title: Fifth note, files: [src/text/case.ts, src/text/pad.ts] }
  - { id: F, title: Sixth note, files: [README.md], depends_on: [D, E] }
`;

function demo(...args: readonly string[]) {
  const bin = fileURLToPath(new URL("../../bin/skein.js", import.meta.url));
  const words = args.includes("--plan") ? args : [...args, "--plan", "small.yml"];
  const child = spawn(process.execPath, [bin, "demo", ...words], {
    cwd: folder,
    env: { PATH: process.env["PATH"], HOME: folder, TMPDIR: join(folder, "temporary") },
  });
  const written = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    written.stdout += chunk.toString("utf8");
  });
  child.stderr.on("data", (chunk: Buffer) => {
    written.stderr += chunk.toString("utf8");
  });
  const ended = new Promise<typeof written & { readonly exitCode: number | null }>((resolve) => {
    child.once("close", (exitCode) => {
      resolve({ ...written, exitCode });
    });
  });
  return {
    ended,
    interrupt: () => child.kill("SIGINT"),
    says: (text: string) =>
      new Promise<void>((resolve) => {
        child.stderr.on("data", () => {
          if (written.stderr.includes(text)) {
            resolve();
          }
        });
      }),
  };
}
