import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { readEvent } from "../../../src/bot/action/read-event.ts";
import { readRunner } from "../../../src/bot/action/runner.ts";
import { aPayload, headSha } from "../contexts.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "skein-runner-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function env(odd: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    GITHUB_EVENT_NAME: "push",
    GITHUB_EVENT_PATH: join(folder, "event.json"),
    GITHUB_REPOSITORY: "ada/engine",
    GITHUB_SHA: headSha,
    GITHUB_RUN_ID: "12",
    RUNNER_TEMP: folder,
    ...odd,
  };
}

describe("readRunner", () => {
  test("knows github.com where nothing else is said", () => {
    expect(readRunner(env())).toMatchObject({
      apiUrl: "https://api.github.com",
      serverUrl: "https://github.com",
      workspace: null,
      summaryPath: null,
      repositoryId: 0,
    });
  });

  test("knows the addresses of an Enterprise Server", () => {
    const runner = readRunner(
      env({
        GITHUB_API_URL: "https://git.example/api/v3/",
        GITHUB_SERVER_URL: "https://git.example",
        GITHUB_REPOSITORY_ID: "7",
      }),
    );

    expect(runner).toMatchObject({
      apiUrl: "https://git.example/api/v3",
      serverUrl: "https://git.example",
      repositoryId: 7,
    });
  });

  test.each([
    ["GITHUB_EVENT_NAME", ""],
    ["GITHUB_EVENT_NAME", "../x"],
    ["GITHUB_REPOSITORY", "ada"],
    ["GITHUB_SHA", "main"],
    ["GITHUB_RUN_ID", ""],
    ["RUNNER_TEMP", ""],
    ["GITHUB_API_URL", "http://api.example"],
    ["GITHUB_API_URL", "https://token@api.example"],
    ["GITHUB_SERVER_URL", "javascript:1"],
  ])("refuses %s=%s", (variable, value) => {
    expect(() => readRunner(env({ [variable]: value }))).toThrow(
      expect.objectContaining({ code: "SKN-2941", facts: { variable } }),
    );
  });
});

describe("readEvent", () => {
  test("reads the event of the run's own repository", () => {
    writeFileSync(join(folder, "event.json"), JSON.stringify(aPayload(null)));

    expect(readEvent(readRunner(env()))).toMatchObject({ kind: "push", after: headSha });
    expect(readEvent(readRunner(env({ GITHUB_REPOSITORY: "Ada/Engine" })))).toMatchObject({
      kind: "push",
    });
  });

  test("refuses the event of another repository", () => {
    writeFileSync(join(folder, "event.json"), JSON.stringify(aPayload(null)));

    expect(() => readEvent(readRunner(env({ GITHUB_REPOSITORY: "eve/engine" })))).toThrow(
      expect.objectContaining({ code: "SKN-1942" }),
    );
  });

  test("refuses a file that is missing, too large, a folder or no JSON", () => {
    const [giant, broken] = [join(folder, "giant.json"), join(folder, "broken.json")];
    writeFileSync(giant, "");
    truncateSync(giant, 25_000_001);
    writeFileSync(broken, "{");

    for (const path of [giant, broken, folder, join(folder, "none.json")]) {
      expect(() => readEvent(readRunner(env({ GITHUB_EVENT_PATH: path })))).toThrow(
        expect.objectContaining({ code: "SKN-1942" }),
      );
    }
  });
});
