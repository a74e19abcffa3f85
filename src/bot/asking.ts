import type { Ask } from "../core/pull-reviews/index.ts";
import type { Permission, User } from "../core/hosting/index.ts";
import type { BotContext } from "./context.ts";
import type { EventActor } from "./event.ts";
import type { Workplace } from "./workplace.ts";

/** The account behind an event. Nobody: an account without any right. */
export function userOf(actor: EventActor | null): User {
  return actor === null
    ? { id: 0, login: "nobody", kind: "person" }
    : { id: actor.id, login: actor.login, kind: actor.type === "Bot" ? "bot" : "person" };
}

/**
 * What an account may do here, as GitHub says. Of Apps it does not say: a bot that the settings of the default branch name may what they let it do, which
 * is never to approve a plan.
 */
export async function permissionOf(
  { host, settings }: Pick<Workplace, "host" | "settings">,
  { id, kind, login }: User,
): Promise<Permission> {
  if (id === 0) {
    return "none";
  }
  const isNamed = kind === "bot" && settings.github.allowBots.includes(login);
  return isNamed ? "write" : host.permissionOf(login);
}

/** What the sender of an event asks for, with what they may do. */
export async function askOf(
  { event }: BotContext,
  place: Workplace,
  wish: Partial<Pick<Ask, "isFull" | "preset" | "sha">> = {},
): Promise<Ask> {
  const by = userOf(event.sender);
  const permission = await permissionOf(place, by);
  return { by, permission, isFull: false, preset: null, sha: null, ...wish };
}
