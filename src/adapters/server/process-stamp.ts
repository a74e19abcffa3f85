import { ownText, ownValue } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import type { ProcessStamp } from "../../core/sessions/index.ts";

/** The process that a caller of this machine names; null where it names none. */
export function stampIn(object: LooseObject): ProcessStamp | null {
  const pid = ownValue(object, "pid");
  const names = ["host", "bootId", "namespace", "startedAt"];
  const [host = "", bootId = "", namespace = "", startedAt = ""] = names.map(
    (key) => ownText(object, key) ?? "",
  );
  return typeof pid === "number" && Number.isSafeInteger(pid) && host !== "" && bootId !== ""
    ? { host, bootId, namespace, pid, startedAt }
    : null;
}
