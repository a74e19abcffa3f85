import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createSecrets } from "../../../src/adapters/secrets/references.ts";
import type { Secrets, SecretsDeps } from "../../../src/adapters/secrets/references.ts";
import { SkeinError } from "../../../src/core/base/errors.ts";
import { portOf, startVault } from "../../support/vault-server.ts";
import type { VaultServer } from "../../support/vault-server.ts";

const token = ["hvs", "planted", "token", "0123456789"].join(".");
const value = ["planted", "value", "of", "vault", "987654321"].join("-");
const reference = "vault:kv/teams/skein#anthropic";

let vault: VaultServer;
let home = "";
let nowMs = 0;
beforeAll(async () => {
  vault = await startVault(token);
});
afterAll(async () => vault.close());
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "skein-vault-"));
  nowMs = 0;
  vault.behave(null);
  vault.put("kv/data/teams/skein", { anthropic: `${value}\n`, port: 8_200, empty: " " });
});

function secretsWith(env: Readonly<Record<string, string>>, deps: Partial<SecretsDeps> = {}) {
  return createSecrets({
    env: { VAULT_ADDR: vault.address, ...env },
    home,
    nowMs: () => nowMs,
    ...deps,
  });
}

async function failureOf(secrets: Secrets, from = reference): Promise<SkeinError> {
  const error: unknown = await secrets.resolve(from).catch((reason: unknown) => reason);
  if (!(error instanceof SkeinError)) {
    throw new Error("no SkeinError", { cause: error });
  }
  expect(JSON.stringify([error.message, error.fix, error.facts, error.cause])).not.toMatch(
    new RegExp(`${token}|${value}`, "u"),
  );
  return error;
}

describe("createSecrets with vault:", () => {
  test("reads one field, with the token in a header and nothing of it in the address", async () => {
    const secrets = secretsWith({ VAULT_TOKEN: token, VAULT_NAMESPACE: "team/a" });

    const text = await secrets.resolve(reference);

    const last = vault.asked.at(-1);
    expect(text).toBe(value);
    expect([last?.method, last?.url]).toEqual(["GET", "/v1/kv/data/teams/skein"]);
    expect(last?.headers["x-vault-token"]).toBe(token);
    expect(last?.headers["x-vault-namespace"]).toBe("team/a");
    expect(last?.headers["x-vault-request"]).toBe("true");
    expect(secrets.known()).toEqual([value]);
  });

  test("takes the token of a file that is named, or of the one that `vault login` leaves", async () => {
    const named = join(home, "token");
    writeFileSync(named, `${token}\n`, { mode: 0o600 });
    writeFileSync(join(home, ".vault-token"), token, { mode: 0o600 });

    await expect(secretsWith({ VAULT_TOKEN_FILE: named }).resolve(reference)).resolves.toBe(value);
    await expect(secretsWith({}).resolve(reference)).resolves.toBe(value);
  });

  test("reads a mount with a slash in its name, and odd letters in a path", async () => {
    vault.put("team/kv/data/a%3Ab/%C3%A4", { key: value });

    const text = await secretsWith({ VAULT_TOKEN: token }).resolve("vault:team%2Fkv/a:b/ä#key");

    expect(text).toBe(value);
  });

  test("asks again after five minutes, and after the lease where there is one", async () => {
    const secrets = secretsWith({ VAULT_TOKEN: token });
    const before = vault.asked.length;

    await Promise.all([secrets.resolve(reference), secrets.resolve(reference)]);
    nowMs = 299_999;
    await secrets.resolve(reference);
    expect(vault.asked.length).toBe(before + 1);

    vault.behave({ kind: "leased", seconds: 10 });
    nowMs = 300_000;
    await secrets.resolve(reference);
    nowMs = 309_999;
    await secrets.resolve(reference);
    expect(vault.asked.length).toBe(before + 2);

    vault.put("kv/data/teams/skein", { anthropic: "the-next-value-of-it" });
    nowMs = 310_000;
    await expect(secrets.resolve(reference)).resolves.toBe("the-next-value-of-it");
    expect(secrets.known()).toEqual([value, "the-next-value-of-it"]);
  });

  test("goes on with the value of before while Vault is sealed, and not once it is refused", async () => {
    const secrets = secretsWith({ VAULT_TOKEN: token });
    await secrets.resolve(reference);

    nowMs = 400_000;
    vault.behave({ kind: "sealed" });
    await expect(secrets.resolve(reference)).resolves.toBe(value);

    vault.behave({ kind: "deleted" });
    expect((await failureOf(secrets)).code).toBe("SKN-5971");
  });

  test.each([
    ["a sealed Vault", { kind: "sealed" }, "SKN-7971"],
    ["one that is asked too often", { kind: "busy" }, "SKN-7971"],
    ["a deleted version", { kind: "deleted" }, "SKN-5971"],
    ["no JSON", { kind: "raw", body: `<html>${value}</html>` }, "SKN-5971"],
    [
      "an answer of the first engine",
      { kind: "raw", body: '{"data":{"anthropic":"x"}}' },
      "SKN-5971",
    ],
    ["an answer without end", { kind: "raw", body: "x".repeat(1_100_000) }, "SKN-7971"],
  ] as const)("tells %s", async (_name, behaviour, code) => {
    vault.behave(behaviour);

    expect((await failureOf(secretsWith({ VAULT_TOKEN: token }))).code).toBe(code);
  });

  test("tells a token that is refused, and one that is missing", async () => {
    const refused = await failureOf(secretsWith({ VAULT_TOKEN: `${token}-of-old` }));
    const missing = await failureOf(secretsWith({}));

    expect([refused.code, refused.facts["status"]]).toEqual(["SKN-3974", 403]);
    expect([missing.code, missing.message]).toEqual(["SKN-3974", "There is no token for Vault."]);
  });

  test("refuses the token's file when everybody can read it", async () => {
    writeFileSync(join(home, ".vault-token"), token);
    chmodSync(join(home, ".vault-token"), 0o644);

    expect((await failureOf(secretsWith({}))).code).toBe("SKN-8971");
  });

  test("stops waiting for one that is silent", async () => {
    vault.behave({ kind: "silent" });

    const error = await failureOf(secretsWith({ VAULT_TOKEN: token }, { vaultTimeoutMs: 100 }));

    expect(error.code).toBe("SKN-9972");
  });

  test("takes the token to no other address", async () => {
    const heard: string[] = [];
    const other = createServer((request, response) => {
      heard.push(JSON.stringify(request.headers));
      response.end();
    });
    await new Promise<void>((resolve) => {
      other.listen(0, "127.0.0.1", resolve);
    });
    const port = portOf(other);
    vault.behave({ kind: "moved", to: `http://127.0.0.1:${String(port)}/v1/kv/data/teams/skein` });

    const error = await failureOf(secretsWith({ VAULT_TOKEN: token }));
    await new Promise((resolve) => other.close(resolve));

    expect(error.code).toBe("SKN-2972");
    expect(heard).toEqual([]);
  });

  test.each([
    "vault:x",
    "vault:kv/path",
    "vault:kv#field",
    "vault:kv/#field",
    "vault:kv/../sys/raw#field",
    "vault:kv/a//b#field",
    "vault:..%2Fsys/raw#field",
    "vault:kv/a?version=1#field",
  ])("refuses %j and asks nothing", async (wrong) => {
    const before = vault.asked.length;

    expect((await failureOf(secretsWith({ VAULT_TOKEN: token }), wrong)).code).toBe("SKN-2971");
    expect(vault.asked.length).toBe(before);
  });

  test.each([
    "",
    "http://vault.example:8200",
    "http://127.0.0.1.example:8200",
    "https://user:planted-password@vault.example",
    "https://vault.example/?x",
    "ftp://127.0.0.1",
    "127.0.0.1:8200",
  ])("refuses the address %j", async (address) => {
    const error = await failureOf(secretsWith({ VAULT_ADDR: address, VAULT_TOKEN: token }));

    expect(error.code).toBe("SKN-2972");
    expect(error.message).not.toContain("planted-password");
  });

  test.each(["nothing", "port", "empty", "toString"])(
    "finds no text in the field %s",
    async (field) => {
      const error = await failureOf(
        secretsWith({ VAULT_TOKEN: token }),
        `vault:kv/teams/skein#${field}`,
      );

      expect(error.code).toBe("SKN-5971");
    },
  );
});
