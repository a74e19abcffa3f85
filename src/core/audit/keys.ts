import { createHash, createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";

import { SkeinError } from "../base/errors.ts";
import { statementText } from "./anchor.ts";
import type { Anchor, AnchorStatement } from "./anchor.ts";
import { auditErrors } from "./errors.ts";

/** The public half of a key that signs anchors. */
export interface AuditPublicKey {
  readonly id: string;
  /** SPKI in base64, as `audit.public_keys` takes it. */
  readonly text: string;
  hasSigned(anchor: Anchor): boolean;
}

/** A key that signs anchors. */
export interface AuditKey extends AuditPublicKey {
  sign(statement: AnchorStatement): Anchor;
}

/** Reads a private Ed25519 key as `openssl genpkey -algorithm ed25519` writes it. @throws {SkeinError} SKN-2801; the key is not in it. */
export function readAuditKey(pem: string): AuditKey {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    // What the library says may repeat what it read.
    throw new SkeinError(auditErrors.badKey);
  }
  const known = publicKeyOf(createPublicKey(key));
  return {
    ...known,
    sign: (statement) => ({
      project: statement.project,
      head: statement.head,
      atMs: statement.atMs,
      keyId: known.id,
      signature: sign(null, Buffer.from(statementText(statement)), key).toString("base64"),
    }),
  };
}

/** Reads a public key: SPKI in base64, or PEM. @throws {SkeinError} SKN-2801. */
export function readAuditPublicKey(text: string): AuditPublicKey {
  try {
    const key = text.includes("-----BEGIN")
      ? createPublicKey(text)
      : createPublicKey({ key: Buffer.from(text, "base64"), format: "der", type: "spki" });
    return publicKeyOf(key);
  } catch (error) {
    throw error instanceof SkeinError ? error : new SkeinError(auditErrors.badKey);
  }
}

function publicKeyOf(key: KeyObject): AuditPublicKey {
  if (key.asymmetricKeyType !== "ed25519") {
    throw new SkeinError(auditErrors.badKey);
  }
  const der = key.export({ format: "der", type: "spki" });
  return {
    id: createHash("sha256").update(der).digest("hex").slice(0, 16),
    text: der.toString("base64"),
    hasSigned: (anchor) =>
      verify(
        null,
        Buffer.from(statementText(anchor)),
        key,
        Buffer.from(anchor.signature, "base64"),
      ),
  };
}
