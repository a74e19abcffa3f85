import type { Ask } from "../core/pull-reviews/index.ts";
import type { User } from "../core/hosting/index.ts";
import type { BotContext } from "./context.ts";
import type { EventActor } from "./event.ts";
import type { Workplace } from "./workplace.ts";

/** The account behind an event. Nobody: an account without any right. */
export function userOf(actor: EventActor | null): User {
  return actor === null
    ? { id: 0, login: "nobody", kind: "person" }
    : { id: actor.id, login: actor.login, kind: actor.type === "Bot" ? "bot" : "person" };
}

/** What the sender of an event asks for, with what GitHub says they may do. */
export async function askOf(
  { event }: BotContext,
  { host }: Workplace,
  wish: Partial<Pick<Ask, "isFull" | "preset" | "sha">> = {},
): Promise<Ask> {
  const by = userOf(event.sender);
  const permission = by.id === 0 ? "none" : await host.permissionOf(by.login);
  return { by, permission, isFull: false, preset: null, sha: null, ...wish };
}
