import type { SkeinError } from "./errors.ts";
import { isLooseObject, ownValue } from "./loose-object.ts";

/** The faults of a file after the first, of which an error's message speaks, as `line:column message`; at most 19. */
export function furtherFaults({ facts }: SkeinError): readonly string[] {
  const faults: unknown = facts["errors"];
  return Array.isArray(faults) ? faults.slice(1, 20).map(faultText) : [];
}

function faultText(fault: unknown): string {
  if (!isLooseObject(fault)) {
    return String(fault);
  }
  const [line, column, message] = ["line", "column", "message"].map((key) => ownValue(fault, key));
  const place = [line, column].filter((part) => typeof part === "number").join(":");
  return place === "" ? String(message) : `${place} ${String(message)}`;
}
