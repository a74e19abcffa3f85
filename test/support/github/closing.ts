import type { Issue, Repository } from "./state.ts";

/** GitHub's words that close an issue when the pull request is merged: `Fixes #12`. */
const closing = /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+([\w.-]+\/[\w.-]+)?#(\d+)\b/giu;

/** The issues of the same repository that a text closes. */
export function closedBy(repository: Repository, text: string): readonly Issue[] {
  const numbers = [...text.matchAll(closing)].flatMap(([, name, number]) =>
    name === undefined || name.toLowerCase() === repository.fullName.toLowerCase()
      ? [Number(number)]
      : [],
  );
  return [...new Set(numbers)].flatMap((number) => {
    const issue = repository.issues.get(number);
    return issue === undefined || issue.isPull ? [] : [issue];
  });
}
