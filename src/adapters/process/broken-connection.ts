import { isLooseObject, ownValue } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";

/** Names of system errors that say that no connection was made. */
const neverSent: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** False where a request with this system error cannot have reached anybody. */
export function mayHaveArrived(code: string | null): boolean {
  return code === null || !neverSent.has(code);
}

/** An error and what caused it, as far as six of them. */
export function causesOf(error: unknown): readonly LooseObject[] {
  const causes: LooseObject[] = [];
  let cause = error;
  while (causes.length < 6 && isLooseObject(cause)) {
    causes.push(cause);
    cause = cause["cause"];
  }
  return causes;
}

/** The system's name for an error, from its causes; null when there is none. */
export function systemCode(error: unknown): string | null {
  const codes = causesOf(error).map((cause) => ownValue(cause, "code"));
  return codes.find((code) => isSystemName(code)) ?? null;
}

function isSystemName(code: unknown): code is string {
  return typeof code === "string" && /^[A-Z][A-Z0-9_]{2,39}$/u.test(code);
}
