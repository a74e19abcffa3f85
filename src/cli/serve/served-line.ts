/** What a server tells once it listens; `name` is the project that its environment names, or null. */
export function servedLine({ url, store, projects }: Served, name: string | null): string {
  return projects.length === 0
    ? `Skein serves ${store} at ${url}. It has no project yet: \`skein project add ${name ?? "NAME"}\` makes one.`
    : `Skein serves ${projects.join(", ")} of ${store} at ${url}.`;
}

interface Served {
  readonly url: string;
  readonly store: string;
  readonly projects: readonly string[];
}
