import { SkeinError } from "../base/errors.ts";
import { hostingErrors } from "./errors.ts";

/** A repository on its host, as `owner/name`. */
export type RepositoryName = `${string}/${string}`;

/** An issue or a pull request anywhere on a host, as `owner/name#12`: what budgets are kept by. */
export type Reference = `${string}/${string}#${number}`;

const repository = /^[\w.-]{1,100}\/[\w.-]{1,100}$/u;

export function isRepositoryName(text: string): text is RepositoryName {
  return repository.test(text) && !/\/\.{1,2}$/u.test(text) && !/^\.{1,2}\//u.test(text);
}

/** @throws {SkeinError} SKN-1651 */
export function parseRepositoryName(text: string): RepositoryName {
  if (!isRepositoryName(text)) {
    throw new SkeinError(hostingErrors.badRepository, { facts: { repository: text } });
  }
  return text;
}

export function referenceOf(name: RepositoryName, number: number): Reference {
  return `${name}#${number}`;
}

/** What is known of a repository. */
export interface Repository {
  /** The host's own id, which stays when the repository is renamed. */
  readonly id: number;
  readonly name: RepositoryName;
  readonly isPrivate: boolean;
  readonly defaultBranch: string;
}
