import { parseServerAddress } from "../../adapters/server/address.ts";
import { SkeinError } from "../../core/base/errors.ts";

/** True where keys and tokens may be sent: `https`, or a server of this machine. */
export function isSafeAddress(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.password !== "" || url.search !== "") {
    return false;
  }
  const isLocal = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/u.test(url.hostname);
  return url.protocol === "https:" || (url.protocol === "http:" && isLocal);
}

/** True for the address of a server of Skein to which a token may be sent. */
export function isServerAddress(text: string): boolean {
  try {
    parseServerAddress(text);
    return true;
  } catch (error) {
    if (error instanceof SkeinError) {
      return false;
    }
    throw error;
  }
}
