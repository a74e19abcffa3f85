import { isRepositoryName } from "./repository.ts";
import type { RepositoryName } from "./repository.ts";

/** A repository as an address of git names it. */
export interface Remote {
  /** As `github.com`, in small letters; without a port. */
  readonly host: string;
  readonly name: RepositoryName;
}

/** `https://host/owner/name.git`, `ssh://git@host:22/owner/name`, and the short form `git@host:owner/name.git`. */
const forms = [
  /^(?:https?|ssh|git):\/\/(?:[^@/\s]{1,200}@)?([\w.-]{1,255})(?::\d{1,5})?\/([^\s?#]{3,210})$/u,
  /^(?:[\w.-]{1,100}@)?([\w.-]{1,255}):(?!\/)([^\s?#]{3,210})$/u,
];

/** Reads an address of git; null when it names no repository on a code host. What it holds of a password is not kept. */
export function parseRemote(address: string): Remote | null {
  for (const form of forms) {
    const found = form.exec(address.trim());
    if (found !== null) {
      const [, host = "", path = ""] = found;
      const name = path.replace(/\/+$/u, "").replace(/\.git$/u, "");
      return isRepositoryName(name) ? { host: host.toLowerCase(), name } : null;
    }
  }
  return null;
}

/** Where the API of a host is: beside github.com, and inside of an Enterprise Server. */
export function apiAddressOf(host: string): string {
  if (host === "github.com" || host === "ssh.github.com" || host === "www.github.com") {
    return "https://api.github.com";
  }
  return host.endsWith(".ghe.com") ? `https://api.${host}` : `https://${host}/api/v3`;
}
