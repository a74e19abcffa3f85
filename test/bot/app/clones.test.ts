import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { openClone } from "../../../src/bot/app/clones.ts";
import { parseRepositoryName } from "../../../src/core/hosting/index.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "skein-clones-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function optionsFor(name: string) {
  return {
    folder,
    id: 7,
    name: parseRepositoryName(name),
    serverUrl: "https://host.invalid",
    env: {},
  };
}

describe("openClone", () => {
  test("is made once, however many deliveries open it at once", async () => {
    const clones = await Promise.all(
      Array.from({ length: 12 }, async () => openClone(optionsFor("ada/engine"))),
    );

    expect(new Set(clones.map(({ cwd }) => cwd))).toEqual(new Set([join(folder, "7")]));
    expect(await readdir(folder)).toEqual(["7"]);
  });

  test("follows a repository to its new name", async () => {
    await openClone(optionsFor("ada/engine"));
    const { git } = await openClone(optionsFor("ada/motor"));

    const url = await git.run(["config", "--get", "remote.origin.url"]);
    expect(url.stdout.trim()).toBe("https://host.invalid/ada/motor.git");
  });
});
