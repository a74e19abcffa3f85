import { createHmac, timingSafeEqual } from "node:crypto";

/** One request's signature, fed with its bytes as they come. */
export interface Signature {
  update(bytes: Uint8Array): void;
  /** Compares with the header `X-Hub-Signature-256`; anything of another form is wrong. */
  isRight(header: string): boolean;
}

const form = /^sha256=(?<hex>[0-9a-f]{64})$/u;

/**
 * Starts a signature. While a secret is replaced there are two, and either is right. Every secret is tried, so that the time it takes does
 * not tell which.
 */
export function beginSignature(secrets: readonly string[]): Signature {
  const hashes = secrets.map((secret) => createHmac("sha256", secret));
  return {
    update: (bytes) => {
      for (const hash of hashes) {
        hash.update(bytes);
      }
    },
    isRight: (header) => {
      const hex = form.exec(header)?.groups?.["hex"];
      // Something of the right length is compared in any case.
      const given = Buffer.from(hex ?? "0".repeat(64), "hex");
      const isEqual = hashes.map((hash) => timingSafeEqual(hash.digest(), given));
      return hex !== undefined && isEqual.includes(true);
    },
  };
}
