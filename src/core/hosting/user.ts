/** An account, as the host names it: never what a commit, a text or a display name says. */
export interface User {
  /** The host's own id: names can be given away. */
  readonly id: number;
  readonly login: string;
  /** `bot`: an App or a machine account. */
  readonly kind: "person" | "bot";
}

/** What an account may do in a repository, each level with all before it. */
export const permissions = ["none", "read", "triage", "write", "maintain", "admin"] as const;
export type Permission = (typeof permissions)[number];

export function isAtLeast(permission: Permission, needed: Permission): boolean {
  return permissions.indexOf(permission) >= permissions.indexOf(needed);
}
