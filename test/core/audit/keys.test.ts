import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { parseAnchor } from "../../../src/core/audit/index.ts";
import { anchorText } from "../../../src/core/audit/anchor.ts";
import { readAuditKey, readAuditPublicKey } from "../../../src/core/audit/keys.ts";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const pem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
const statement = { project: "demo", head: { seq: 7, hash: "ab" }, atMs: 1_000 };

describe("readAuditKey", () => {
  test("signs what its public half agrees to, in base64 and in PEM", () => {
    const key = readAuditKey(pem);
    const anchor = key.sign(statement);
    const publicPem = publicKey.export({ format: "pem", type: "spki" }).toString();

    for (const text of [key.text, publicPem]) {
      const known = readAuditPublicKey(text);
      expect(known.id).toBe(anchor.keyId);
      expect(known.hasSigned(anchor)).toBe(true);
      for (const odd of [
        { project: "other" },
        { atMs: 1_001 },
        { head: { seq: 8, hash: "ab" } },
        { head: { seq: 7, hash: "ac" } },
        { signature: "" },
      ]) {
        expect(known.hasSigned({ ...anchor, ...odd }), JSON.stringify(odd)).toBe(false);
      }
    }
  });

  test("reads back the anchor that it wrote, and nothing else", () => {
    const anchor = readAuditKey(pem).sign(statement);
    const text = anchorText(anchor);

    expect(parseAnchor(text)).toEqual(anchor);
    for (const other of [
      "",
      "null",
      "[]",
      "{}",
      text.slice(0, -1),
      text.replace('"v":1', '"v":2'),
    ]) {
      expect(parseAnchor(other), other).toBeNull();
    }
  });

  test.each([
    ["an empty text", ""],
    [
      "a key of another kind",
      generateKeyPairSync("ec", { namedCurve: "P-256" })
        .privateKey.export({ format: "pem", type: "pkcs8" })
        .toString(),
    ],
    ["a broken key", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"],
  ])("refuses %s and repeats nothing of it", (_name, text) => {
    expect(() => readAuditKey(text)).toThrow("The key for the audit trail cannot be used.");
    expect(() => readAuditPublicKey(text)).toThrow("The key for the audit trail cannot be used.");
  });
});
