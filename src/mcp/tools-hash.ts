import { createHash } from "node:crypto";
import { isRecord } from "./record.ts";

/**
 * The fingerprint of everything that `tools/list` says, whatever the order of its fields. It is written down below and compared by
 * `skein doctor`: a server whose words differ is not the one that was reviewed.
 */
export function toolsHash(tools: readonly unknown[]): string {
  return createHash("sha256")
    .update(JSON.stringify(sorted(tools)))
    .digest("hex");
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((one) => sorted(one));
  }
  return isRecord(value)
    ? Object.keys(value)
        .toSorted((left, right) => (left < right ? -1 : 1))
        .map((key) => [key, sorted(value[key])])
    : value;
}

/** The fingerprint of the tools as they were last reviewed. Whoever changes a tool's words changes this line with them. */
export const reviewedToolsHash = "07d6fb43bd2b171faa9e28a0593670acc9689ba34ca99a1d1368ad088a88a6a2";
