import { actions, isAction } from "../../core/access/index.ts";
import { catalog } from "../catalog.ts";
import type { CommandSpec } from "../command.ts";

/** The commands that a server runs for callers elsewhere: they need nothing but the store, and what the caller sends of its repository. */
export const servedCommands: readonly CommandSpec[] = catalog.filter(({ name }) => isOpen(name));

function isOpen(name: string): boolean {
  const action = `command:${name}`;
  return isAction(action) && actions[action] !== "nobody";
}

/** True when a command changes nothing: whoever may only look may call it. */
export function isReading(name: string): boolean {
  const action = `command:${name}`;
  return isAction(action) && ["viewer", "anyone"].includes(actions[action]);
}
