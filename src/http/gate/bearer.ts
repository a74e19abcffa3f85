import type { IncomingMessage } from "node:http";
import { valuesOf } from "./hosts.ts";

/** What a request shows of a token. */
export type Shown =
  | { readonly kind: "token"; readonly text: string }
  | { readonly kind: "nothing" }
  /** Another scheme, several headers, or characters that no token has. */
  | { readonly kind: "malformed" };

const form = /^bearer +([A-Za-z0-9._~+/-]{1,16384}=*)$/iu;

/** Reads the one `Authorization: Bearer` header. */
export function bearerOf(request: IncomingMessage): Shown {
  const given = valuesOf(request, "authorization");
  const [value = ""] = given;
  if (given.length === 0 || (given.length === 1 && value.trim() === "")) {
    return { kind: "nothing" };
  }
  const text = given.length === 1 ? form.exec(value)?.[1] : undefined;
  return text === undefined ? { kind: "malformed" } : { kind: "token", text };
}

const tokenNames =
  /^(?:access_?token|id_?token|token|bearer|authorization|api_?key|apikey|auth|secret|password)$/iu;
/** Linear in what it reads, since anybody may send it: no `_` stands in what follows the id, so that each place is looked at once. */
const tokenForms = /^(?:skein_[\w.~-]+_t\d+_[A-Za-z\d]{20,}|eyJ[\w-]+\.[\w-]+\.[\w-]*)$/u;

/** True when the address bears what looks like a token: proxies, logs and histories keep addresses. */
export function hasTokenInAddress({ url = "" }: IncomingMessage): boolean {
  const [path = "", ...query] = url.split("?");
  return (
    path.split("/").some(isToken) ||
    [...new URLSearchParams(query.join("?"))].some(
      ([name, value]) => value !== "" && (tokenNames.test(name) || isToken(value)),
    )
  );
}

function isToken(text: string): boolean {
  return tokenForms.test(text.replace(/^bearer(?:%20|\s)+/iu, "").replaceAll(/%7e/giu, "~"));
}
