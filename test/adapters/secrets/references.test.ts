import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createSecrets } from "../../../src/adapters/secrets/references.ts";
import type { Secrets } from "../../../src/adapters/secrets/references.ts";
import { findSecretVariable } from "../../../src/adapters/secrets/secret-variable.ts";
import { followTrail } from "../../../src/adapters/secrets/trail.ts";
import { SkeinError } from "../../../src/core/base/errors.ts";

const home = mkdtempSync(join(tmpdir(), "skein-secrets-"));
const value = ["planted", "value", "0123456789"].join("-");

function aFile(name: string, text: string, mode = 0o600): string {
  const path = join(home, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

function secretsOf(env: Record<string, string | undefined> = {}, timeoutMs?: number): Secrets {
  return createSecrets({ env: { PATH: process.env["PATH"], ...env }, home, timeoutMs });
}

async function failureOf(secrets: Secrets, reference: string): Promise<SkeinError> {
  const error: unknown = await secrets.resolve(reference).catch((reason: unknown) => reason);
  if (!(error instanceof SkeinError)) {
    throw new Error("no SkeinError", { cause: error });
  }
  return error;
}

describe("createSecrets", () => {
  test("reads a variable, a file, a file below the home and a command's output, without blanks around", async () => {
    const path = aFile("key", `  ${value}\n`);
    const secrets = secretsOf({ SOME_KEY: ` ${value} ` });

    const values = await Promise.all(
      ["env:SOME_KEY", `file:${path}`, "file:~/key", `cmd:cat "${path}"`].map(async (reference) =>
        secrets.resolve(reference),
      ),
    );

    expect(values).toEqual([value, value, value, value]);
    expect(secrets.known()).toEqual([value]);
  });

  test("learns variables and files, starts no command for it, and passes over what is not there", async () => {
    const path = aFile("learned", "value-of-a-file");
    const witness = join(home, "witness");
    const secrets = secretsOf({ SOME_KEY: value });

    await secrets.learn([
      "env:SOME_KEY",
      `file:${path}`,
      "env:NOT_SET",
      `cmd:touch ${witness}`,
      "x",
    ]);

    expect(secrets.known().toSorted()).toEqual([value, "value-of-a-file"].toSorted());
    expect(existsSync(witness)).toBe(false);
  });

  test("looks a secret up once, and again after a failure", async () => {
    const env: Record<string, string> = {};
    const secrets = secretsOf(env);
    const late = createSecrets({ env, home });

    await failureOf(late, "env:LATER");
    env["LATER"] = "first-value";
    const first = await late.resolve("env:LATER");
    env["LATER"] = "second-value";

    expect(first).toBe("first-value");
    await expect(late.resolve("env:LATER")).resolves.toBe("first-value");
    expect(secrets.known()).toEqual([]);
  });

  test("reads the file that NAME_FILE names where NAME is not set", async () => {
    const path = aFile("mounted", "value-of-a-mount\n");
    const mounted = secretsOf({ SOME_KEY_FILE: path });
    const both = secretsOf({ SOME_KEY: value, SOME_KEY_FILE: path });

    await expect(mounted.resolve("env:SOME_KEY")).resolves.toBe("value-of-a-mount");
    await expect(both.resolve("env:SOME_KEY")).resolves.toBe(value);
    await expect(findSecretVariable("OTHER", { env: {}, home })).resolves.toBeNull();
  });

  test.each([
    ["env:NOT_SET", "or name another one with --key."],
    ["file:/nowhere", "or name another one with --key."],
    ["file:nowhere", "Name it by its absolute path with --key."],
    ["env:MOUNT", "or name another one in MOUNT_FILE."],
  ])("says where %s was named", async (reference, fix) => {
    const secrets = secretsOf({ MOUNT_FILE: "/nowhere" });

    await expect(secrets.resolve(reference, "with --key")).rejects.toMatchObject({
      fix: expect.stringContaining(fix),
    });
  });

  test("names the variable that held a reference, and not the settings", async () => {
    const trail = followTrail("env:FIRST", {
      env: { FIRST: "file:/nowhere" },
      isEnd: () => false,
      named: "as `audit.key` in skein.yml",
    });

    await expect(trail).rejects.toMatchObject({
      code: "SKN-3972",
      fix: expect.stringMatching(/or name another one in FIRST\.$/u),
    });
  });

  test("starts one command for two who ask at once", async () => {
    const path = aFile(
      "count.js",
      `require("fs").appendFileSync(__filename + ".ran", "x"); console.log("${value}")`,
    );
    const secrets = secretsOf();
    const reference = `cmd:"${process.execPath}" ${path}`;

    await Promise.all([secrets.resolve(reference), secrets.resolve(reference)]);

    expect(readFileSync(`${path}.ran`, "utf8")).toBe("x");
  });

  test.each([
    ["", "SKN-2971"],
    [value, "SKN-2971"],
    ["env:", "SKN-2971"],
    ["vault:x", "SKN-2971"],
    ["env: A", "SKN-2971"],
    ["ENV:A", "SKN-2971"],
    ["env:A\nB", "SKN-2971"],
    ["file:relative/path", "SKN-2971"],
    ["env:NOT_SET", "SKN-3971"],
    ["env:NO_FILE", "SKN-3972"],
    ["env:EMPTY", "SKN-3971"],
    ["env:toString", "SKN-3971"],
    ["file:/nowhere/at/all", "SKN-3972"],
    ["file:~/folder", "SKN-3972"],
    ["file:~/empty", "SKN-3972"],
    ["file:~/large", "SKN-3972"],
    ["file:~/open", "SKN-8971"],
    ["cmd:no-such-program-here", "SKN-3973"],
    ["cmd:true", "SKN-3973"],
    ["cmd:cat ~/key-of-a-shell", "SKN-3973"],
    ["cmd:cat ~/key | head", "SKN-3973"],
  ])("refuses %j with %s and does not repeat what may be the secret", async (reference, code) => {
    mkdirSync(join(home, "folder"), { recursive: true });
    aFile("empty", " \n");
    aFile("large", value.repeat(4_000));
    aFile("open", value, 0o644);

    const error = await failureOf(
      secretsOf({ EMPTY: "  ", NO_FILE_FILE: "/nowhere/at/all" }),
      reference,
    );

    expect(error.code).toBe(code);
    expect(JSON.stringify([error.message, error.fix, error.facts, error.cause])).not.toContain(
      value,
    );
  });

  test("does not repeat what a failing command wrote", async () => {
    const path = aFile(
      "failing.js",
      `console.log("${value}"); console.error("${value}"); process.exit(3);`,
    );

    const error = await failureOf(secretsOf(), `cmd:"${process.execPath}" ${path}`);

    expect(error.code).toBe("SKN-3973");
    expect(error.message).toContain("(3)");
    expect(`${error.message} ${String(error.cause)}`).not.toContain(value);
  });

  test("says of a command that writes without end that it wrote too much", async () => {
    const error = await failureOf(secretsOf(), "cmd:yes");

    expect(error).toMatchObject({
      code: "SKN-3973",
      message: "The command yes of a secret wrote more than 65536 bytes.",
    });
  });

  test("stops a command that does not end", async () => {
    const error = await failureOf(secretsOf({}, 100), "cmd:sleep 60");

    expect(error.code).toBe("SKN-9971");
  });
});
