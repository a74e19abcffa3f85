import type { PlanSource } from "./draft.ts";

const idChars = 64;
const goalWords = 6;

/** Makes an id of a text: lower case, digits and `-`; `usual` when nothing is left. */
export function slugOf(text: string, usual: string): string {
  const slug = text
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, "-")
    .replaceAll(/^-+|-+$/gu, "")
    .slice(0, idChars)
    .replace(/-+$/u, "");
  return slug === "" ? usual : slug;
}

/** Names the plan of a source, so that the same source names the same plan: the file's name, else the goal's first words. */
export function planIdOf({ file, text }: PlanSource): string {
  const base = /([^/\\]*?)(?:\.[^./\\]*)?$/u.exec(file ?? "")?.[1] ?? "";
  const words = text.trim().split(/\s+/u, goalWords).join(" ");
  return slugOf(file === null || file === "-" ? words : base, "plan");
}

/** Gives an id that is not taken: the slug, else with a number behind it. The new id counts as taken. */
export function freeId(slug: string, taken: Set<string>): string {
  let id = slug;
  for (let number = 2; taken.has(id); number += 1) {
    id = `${slug.slice(0, idChars - 6)}-${String(number)}`;
  }
  taken.add(id);
  return id;
}
