/** What a principal may do, from the least to the most; each role may do all that the ones before it may. */
export const roles = ["viewer", "agent", "reviewer", "manager", "admin"] as const;

export type Role = (typeof roles)[number];

export function isRole(text: string): text is Role {
  return roles.some((role) => role === text);
}

/** True when `role` may do what `needed` may. */
export function isAtLeast(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}

/** The role of those given that may do the most; null for none. */
export function highestRole(given: readonly Role[]): Role | null {
  return roles.findLast((role) => given.includes(role)) ?? null;
}
