import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { generateKeyPairSync } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { removeRepositories } from "../adapters/git/repositories.ts";
import { aCommandLine } from "./command-line.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "skein-bot-cli-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

afterAll(removeRepositories);

function aKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2_048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  const file = join(folder, "key.pem");
  writeFileSync(file, privateKey);
  chmodSync(file, 0o600);
  return `file:${file}`;
}

describe("skein bot", () => {
  test.each([
    ["bot", "needs --app-id, --private-key, --webhook-secret."],
    ["bot --app-id 1 --private-key env:KEY", "needs --webhook-secret."],
  ])("`%s` says what is missing: it %s", async (words, option) => {
    const { skein } = aCommandLine();

    const { code, err } = await skein(words, { env: { KEY: "k" } });

    expect(code).toBe(2);
    expect(err).toContain("SKN-1691");
    expect(err).toContain(option);
  });

  test("says at its start that the private key is none, and does not show it", async () => {
    const { skein } = aCommandLine();

    const { code, err } = await skein(
      "bot --app-id 1 --private-key env:KEY --webhook-secret env:HOOK",
      { env: { KEY: "nothing-like-a-key-77", HOOK: "a-secret-of-the-test-0123456789" } },
    );

    expect(code).toBe(2);
    expect(err).toContain("SKN-1691 The private key of the GitHub App cannot be read.");
    expect(err).toContain("Give the file that GitHub gave");
    expect(err).not.toContain("nothing-like-a-key-77");
  });

  test("names the flag of the file that is not there", async () => {
    const { skein } = aCommandLine();

    const { code, err } = await skein(
      `bot --app-id 1 --private-key file:${folder}/none.pem --webhook-secret env:HOOK`,
    );

    expect(code).toBe(4);
    expect(err).toContain(`SKN-3972 The file ${folder}/none.pem of a secret cannot be read`);
    expect(err).toContain("or name another one with --private-key.");
    expect(err).not.toContain("skein.yml");
  });

  test("takes no secret on its command line, and does not repeat what was written there", async () => {
    const { skein } = aCommandLine();

    const { code, err } = await skein(
      `bot --app-id 1 --private-key ${aKey()} --webhook-secret plain-secret-in-argv-123`,
    );

    expect(code).not.toBe(0);
    expect(err).toContain("SKN-2971");
    expect(err).not.toContain("plain-secret-in-argv-123");
  });

  test("takes no short secret", async () => {
    const { skein } = aCommandLine();
    const words = `bot --app-id 1 --private-key ${aKey()} --webhook-secret env:HOOK --data ${folder}`;

    const { code, err } = await skein(words, { env: { HOOK: "hunter2" } });

    expect(code).toBe(3);
    expect(err).toContain("SKN-2692");
    expect(err).not.toContain("hunter2");
  });

  test("serves until it is told to stop, and then ends in order", async () => {
    const { skein } = aCommandLine();
    const stop = new AbortController();
    const answers: Promise<Response>[] = [];
    const words = [
      `bot --app-id 1 --private-key ${aKey()} --webhook-secret env:HOOK --port 0`,
      `--data ${join(folder, "data")} --github-url http://127.0.0.1:9`,
    ].join(" ");

    const { code, out, err } = await skein(words, {
      env: { HOOK: "a-secret-of-the-test-0123456789" },
      signal: stop.signal,
      onWrite: (text) => {
        const port = /port (?<port>\d+)/u.exec(text)?.groups?.["port"] ?? "";
        const look = fetch(`http://127.0.0.1:${port}/healthz`).finally(() => {
          stop.abort();
        });
        answers.push(look);
      },
    });

    expect((await answers[0])?.status).toBe(200);
    expect(code).toBe(0);
    expect(out).toMatch(/^skein bot listens on port \d+\n$/u);
    expect(err).toContain('"what":"stopped"');
  });
});
