import type { Json } from "../../core/base/json.ts";

/** Settings that say where a secret is, or an address that may hold one. */
const references =
  /^(?:store\.url|server\.token|bus\.url|audit\.key|providers\.\*\.(?:api_key|base_url)|server\.url|auth\.public_url|auth\.oidc\.(?:issuer|jwks_uri))$/u;

/** What may be shown of a setting's value: of a secret only where it is, of an address nothing that lets somebody in. */
export function shownValue(pattern: string, value: Json): Json {
  if (pattern === "models.*.takes.headers.*") {
    return "(set)";
  }
  return typeof value === "string" && references.test(pattern) ? shownReference(value) : value;
}

/** A reference as it may be shown: a program without its arguments, an address without user, password and query. */
export function shownReference(text: string): string {
  const program = /^cmd:\s*(\S+)/u.exec(text)?.[1];
  if (program !== undefined) {
    return `cmd:${program} …`;
  }
  if (/^(?:env|file|vault):|^sqlite$/u.test(text)) {
    return text;
  }
  const url = URL.parse(text);
  if (url === null) {
    return "(set)";
  }
  return `${url.protocol}//${url.host}${url.pathname === "/" ? "" : url.pathname}`;
}
