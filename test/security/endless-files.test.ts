import { execFileSync } from "node:child_process";
import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

import { createSecrets } from "../../src/adapters/secrets/index.ts";
import { loadSettings } from "../../src/settings.ts";
import { removeRepositories, testEnv } from "../adapters/git/repositories.ts";
import { aCommandLine } from "../cli/command-line.ts";
import type { CommandLine } from "../cli/command-line.ts";

afterAll(removeRepositories);

const models = `providers: { l: { kind: openai-compatible, base_url: "http://127.0.0.1:9/v1" } }
models: { m: { provider: l, id: m } }
`;

/** A repository with a device and a pipe in it. */
function withEndless(): CommandLine {
  const line = aCommandLine({ "skein.yml": models });
  const { root } = line.repository;
  execFileSync("sh", ["-c", 'mkfifo "$0"', join(root, "pipe")]);
  symlinkSync("/dev/zero", join(root, "device"));
  return line;
}

describe.skipIf(process.platform === "win32")("a file without end", () => {
  test.each(["pipe", "device"])("is no patch: a %s", async (name) => {
    const { repository, skein } = withEndless();

    const { code, err } = await skein(["review", "--patch", join(repository.root, name)]);

    expect([code, err.slice(0, 8)]).toEqual([6, "SKN-5954"]);
  });

  test.each(["pipe", "device"])("is no skein.yml: a link to a %s", async (name) => {
    const { root } = withEndless().repository;
    rmSync(join(root, "skein.yml"));
    symlinkSync(name, join(root, "skein.yml"));

    await expect(loadSettings({ root, env: testEnv })).rejects.toMatchObject({ code: "SKN-2001" });
  });

  test.each(["pipe", "device"])("is no key: a %s", async (name) => {
    const { root } = withEndless().repository;
    const secrets = createSecrets({ env: {}, home: root });

    await expect(secrets.resolve(`file:${join(root, name)}`)).rejects.toMatchObject({
      code: "SKN-3972",
    });
  });

  test.each(["pipe", "device"])("is no issue to plan: a %s", async (name) => {
    const { repository, skein } = withEndless();

    const { err } = await skein(["plan", "draft", "--issue", join(repository.root, name)]);

    expect(err).toContain("SKN-1008");
  });
});
