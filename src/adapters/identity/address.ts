import { SkeinError } from "../../core/base/errors.ts";
import { isLoopbackName } from "../../core/base/loopback.ts";
import { identityErrors } from "./errors.ts";

/**
 * An address of an identity provider: https, or http on this machine; without user, query and fragment.
 * @throws {SkeinError} SKN-2911
 */
export function parseProviderAddress(text: string): URL {
  const url = URL.parse(text);
  const isFine =
    url !== null &&
    text.length <= 2_000 &&
    (url.protocol === "https:" || (url.protocol === "http:" && isLoopbackName(url.hostname))) &&
    url.username === "" &&
    url.password === "" &&
    url.search === "" &&
    url.hash === "";
  if (!isFine) {
    throw new SkeinError(identityErrors.badIssuer, {
      message: `${JSON.stringify(text.slice(0, 200))} is no address of an identity provider.`,
    });
  }
  return url;
}
