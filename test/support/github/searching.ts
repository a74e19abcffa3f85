import { isGranted, sees } from "./access.ts";
import { needs } from "./needs.ts";
import { countedPage, invalid } from "./replies.ts";
import type { Call, Reply } from "./replies.ts";
import type { PlacedIssue } from "./state.ts";
import { issueView } from "./views-issues.ts";

/** One word of a search: a qualifier or a text. */
interface Term {
  readonly key: string | null;
  readonly value: string;
  readonly isNot: boolean;
}

/** Searches issues and pull requests by the qualifiers that bots use, and by words of title and body. */
export function search(call: Call): Reply {
  const text = call.query.get("q") ?? "";
  const terms = termsOf(text);
  if (terms.length === 0 || text.length > 256) {
    throw invalid("Search", "q", { code: text === "" ? "missing" : "invalid" });
  }
  const all = [...call.hub.repositories.values()]
    .filter((repository) => {
      const { identity } = call;
      return (
        sees(repository, identity) && (identity === null || isGranted(identity, needs.readIssues))
      );
    })
    .flatMap((repository) =>
      [...repository.issues.values()].map((issue) => ({ repository, issue })),
    );
  const sign = call.query.get("order") === "asc" ? 1 : -1;
  const key = call.query.get("sort") === "updated" ? "updatedAtMs" : "createdAtMs";
  const items = all
    .filter((placed) => terms.every((term) => fits(placed, term) !== term.isNot))
    .toSorted((a, b) => sign * (a.issue[key] - b.issue[key] || a.issue.number - b.issue.number))
    .map((placed) => {
      const { closed_by: _, parent_issue_url: __, ...view } = issueView(call.hub, placed);
      return { ...view, body: placed.issue.body ?? "", score: 1 };
    });
  return countedPage(call, "items", {
    items: items.slice(0, 1000),
    more: { incomplete_results: false, search_type: "lexical" },
  });
}

function termsOf(text: string): readonly Term[] {
  const words = text.match(/-?(?:[\w-]+:)?(?:"[^"]*"|\S+)/gu) ?? [];
  return words.map((word) => {
    const found = /^(-?)(?:([\w-]+):)?(.*)$/su.exec(word);
    const [, not = "", key, value = ""] = found ?? [];
    const plain = value.replaceAll('"', "").toLowerCase();
    return { key: key ?? null, value: plain, isNot: not === "-" };
  });
}

function fits({ repository, issue }: PlacedIssue, { key, value }: Term): boolean {
  const logins = issue.assignees.map(({ login }) => login.toLowerCase());
  switch (key) {
    case null:
      return `${issue.title}\n${issue.body ?? ""}`.toLowerCase().includes(value);
    case "repo":
      return repository.fullName.toLowerCase() === value;
    case "org":
    case "user":
      return repository.owner.login.toLowerCase() === value;
    case "is":
    case "type":
    case "state":
      return isA({ repository, issue }, value);
    case "label":
      return issue.labels.some((label) => label.toLowerCase() === value);
    case "author":
      return issue.author.login.toLowerCase() === value.replace(/^app\/(.*)$/u, "$1[bot]");
    case "assignee":
      return logins.includes(value);
    case "in":
      return true;
    default:
      throw invalid("Search", "q", `The fake does not know the qualifier ${key}.`);
  }
}

function isA({ repository, issue }: PlacedIssue, what: string): boolean {
  switch (what) {
    case "issue":
      return !issue.isPull;
    case "pr":
      return issue.isPull;
    case "open":
    case "closed":
      return issue.state === what;
    case "merged":
      return (repository.pulls.get(issue.number)?.mergedAtMs ?? null) !== null;
    default:
      throw invalid("Search", "q", `The fake does not know is:${what}.`);
  }
}
