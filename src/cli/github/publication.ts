import type { Git } from "../../adapters/git/index.ts";
import { createRedactor, secretsOfEnvironment } from "../../adapters/secrets/index.ts";
import type { OpenProject } from "../../compose.ts";
import { readPublication } from "../../core/rules/index.ts";
import type { Publication } from "../../core/rules/index.ts";
import { publisherOf } from "../../adapters/process/publisher.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** What is published of a project. */
export type PublishedProject = Pick<OpenProject, "skein" | "repository" | "settings" | "storeDir">;

/** What this clone's store says now, for others to read: the words of agents leave without what looks like a secret. */
export async function ownPublication(
  project: PublishedProject,
  { env, repository }: { readonly env: Env; readonly repository: string | null },
): Promise<Publication> {
  const publication = await livePublication(project, repository);
  const reasons = publication.leases.map(({ reason }) => reason);
  if (reasons.every((reason) => reason === "")) {
    return publication;
  }
  const redactor = createRedactor({ known: () => secretsOfEnvironment(env) });
  const { text } = await redactor.redact(reasons.join("\n"));
  const redacted = text.split("\n");
  return {
    ...publication,
    leases: publication.leases.map((lease, index) => ({ ...lease, reason: redacted[index] ?? "" })),
  };
}

/** What this clone's store says now, for use here. */
export async function livePublication(
  { skein, repository: place, settings, storeDir }: PublishedProject,
  repository: string | null,
): Promise<Publication> {
  const { caseInsensitive } = settings.leases;
  return readPublication(skein, {
    publisher: publisherOf(storeDir),
    repository,
    caseInsensitive: caseInsensitive === "auto" ? place.ignoresCase : caseInsensitive,
  });
}

/** `owner/name` of a remote on GitHub, or null. Nothing else of its address goes anywhere: it may hold a password. */
export async function repositoryOf(git: Git, remote: string): Promise<string | null> {
  const address = await git.text(["remote", "get-url", "--", remote], { okCodes: [0, 2, 128] });
  const found =
    /^(?:[^\s]*[@/])?github\.com[:/]([\w.-]{1,100}\/[\w.-]{1,100}?)(?:\.git)?\/?$/u.exec(address);
  return found?.[1] ?? null;
}
