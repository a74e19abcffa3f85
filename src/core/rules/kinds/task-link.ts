import type { ChoiceOf, Judging } from "../decide.ts";
import { readMarks } from "../marks.ts";
import { fails, passes, skips } from "../rule.ts";
import type { Verdict } from "../rule.ts";
import type { ChangeCommit } from "../snapshot.ts";

const issue =
  /(?:^|[\s([,:;])(?:[\w.-]{1,100}\/[\w.-]{1,100})?#\d{1,10}(?!\w)|(?:^|[\s([,:;])GH-\d{1,10}(?!\w)|https:\/\/[\w.-]{1,100}\/[\w.-]{1,100}\/[\w.-]{1,100}\/issues\/\d{1,10}(?!\w)/u;

/** The most of a text that is looked at. */
const maxChars = 65_536;

/** The change says for which issue, task or key it is: in its title or text, or in a commit. It is a note for people and proves nothing. */
export function decideTaskLink(choice: ChoiceOf<"task_link">, { snapshot }: Judging): Verdict {
  const { text, commits } = snapshot;
  const made = commits.kind === "known" ? commits.value : [];
  const words = text.kind === "known" ? [text.value.title, text.value.body] : [];
  const texts = [...words, ...made.map(({ message }) => message)];
  const found = linkIn(choice, texts, made);
  if (found !== null) {
    return passes(`It names ${found}.`);
  }
  if (text.kind !== "known" || commits.kind === "failed") {
    const why = text.kind === "known" ? "The commits are not known." : text.why;
    return skips(`No commit names ${acceptedText(choice)}. ${why}`);
  }
  return fails({
    reason: `Neither the title, the text nor a commit names ${acceptedText(choice)}.`,
    fix: `Write it into the text of the pull request: ${exampleOf(choice)}.`,
  });
}

function linkIn(
  { accept, keys }: ChoiceOf<"task_link">,
  texts: readonly string[],
  commits: readonly ChangeCommit[],
): string | null {
  const matching = (pattern: RegExp): string | null =>
    texts.map((each) => pattern.exec(each.slice(0, maxChars))?.[0].trim()).find(Boolean) ?? null;
  const task = accept.includes("task")
    ? (commits.flatMap(({ message }) => readMarks(message))[0]?.task ?? null)
    : null;
  const key = accept.includes("key") && keys.length > 0 ? matching(keyPattern(keys)) : null;
  return task ?? key ?? (accept.includes("issue") ? matching(issue) : null);
}

function keyPattern(keys: readonly string[]): RegExp {
  const escaped = keys.map((key) => key.replaceAll(/[^A-Za-z0-9]/gu, String.raw`\$&`));
  return new RegExp(String.raw`(?<![\w-])(?:${escaped.join("|")})-\d{1,10}(?!\w)`, "u");
}

function acceptedText({ accept, keys }: ChoiceOf<"task_link">): string {
  const texts = { issue: "an issue", task: "a task", key: `a key of ${keys.join(", ")}` };
  return accept.map((kind) => texts[kind]).join(" or ");
}

function exampleOf({ accept, keys }: ChoiceOf<"task_link">): string {
  if (accept.includes("issue")) {
    return "`For #123`";
  }
  return accept.includes("key")
    ? `\`${keys[0] ?? "KEY"}-123\``
    : "the commits of a claimed task carry `Skein-Task`";
}
