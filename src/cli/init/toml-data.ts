import { isDeepStrictEqual } from "node:util";
import { ownObject } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";

/** What a configuration of Codex says of the server `skein`; empty where it says nothing. */
export function serverIn(table: LooseObject): LooseObject {
  return ownObject(ownObject(table, "mcp_servers"), "skein");
}

/** True where the server is set as wished, whatever else is set of it. */
export function holdsWish(table: LooseObject, wished: LooseObject): boolean {
  const server = serverIn(table);
  return isDeepStrictEqual({ ...server, ...serverIn(wished) }, { ...server });
}

/** True where two configurations say the same of all but the server `skein`. */
export function isSameBeside(one: LooseObject, other: LooseObject): boolean {
  return isDeepStrictEqual(withoutServer(one), withoutServer(other));
}

/** True where `after` says of the server what `before` says, and what is wished; whether it is enabled may differ. */
export function isRenewed(before: LooseObject, after: LooseObject, wished: LooseObject): boolean {
  const { enabled: _was, ...server } = { ...serverIn(before), ...serverIn(wished) };
  const { enabled: _is, ...renewed } = serverIn(after);
  return isDeepStrictEqual(server, renewed);
}

/** A table of servers without any is as none. */
function withoutServer(table: LooseObject): LooseObject {
  const { mcp_servers: servers, ...rest } = table;
  const { skein: _, ...others } = ownObject({ servers }, "servers");
  return Object.keys(others).length === 0 ? rest : { ...rest, mcp_servers: others };
}
