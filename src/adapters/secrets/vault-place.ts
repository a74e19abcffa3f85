import { SkeinError } from "../../core/base/errors.ts";
import { isLoopbackName } from "../../core/base/loopback.ts";
import { secretErrors } from "./errors.ts";

/** Where a field stands in Vault. */
export interface VaultPlace {
  /** Ready for an address. */
  readonly mount: string;
  /** Ready for an address. */
  readonly path: string;
  readonly field: string;
  /** `mount/path`, as it was written. */
  readonly label: string;
}

const form = /^(?<mount>[^/#?\s]+)\/(?<path>[^#?\s]+)#(?<field>\S+)$/u;

/** Reads `mount/path#field`. A `/` inside the mount's name is written `%2F`. @throws {SkeinError} SKN-2971. */
export function parseVaultPlace(text: string): VaultPlace {
  const { mount = "", path = "", field = "" } = form.exec(text)?.groups ?? {};
  const parts = [...mount.split(/%2F/iu), ...path.split("/")];
  // `..` would lead out of the engine to another part of Vault's interface.
  if (parts.some((part) => part === "" || part === "." || part === "..")) {
    throw new SkeinError(secretErrors.badReference, {
      message: "A reference to Vault is `vault:mount/path#field`.",
    });
  }
  return {
    mount: encodeParts(mount.split(/%2F/iu)),
    path: encodeParts(path.split("/")),
    field,
    label: `${mount}/${path}`,
  };
}

function encodeParts(parts: readonly string[]): string {
  return parts.map((part) => encodeURIComponent(part)).join("/");
}

/**
 * The address of Vault without a slash at its end: encrypted, or of this machine itself.
 *
 * @throws {SkeinError} SKN-2972.
 */
export function parseVaultAddress(text: string): string {
  const address = text.trim();
  if (address === "") {
    throw new SkeinError(secretErrors.vaultAddress, { message: "VAULT_ADDR is not set." });
  }
  const url = URL.canParse(address) ? new URL(address) : null;
  const isPlain = url !== null && url.username === "" && url.password === "";
  if (!isPlain || /[?#]/u.test(address) || !isSafe(url)) {
    // It may hold a password: it is not repeated.
    throw new SkeinError(secretErrors.vaultAddress, {
      message:
        "VAULT_ADDR is no https:// address (or http:// of this machine), or holds more than one.",
    });
  }
  return address.replace(/\/+$/u, "");
}

function isSafe({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || (protocol === "http:" && isLoopbackName(hostname));
}
