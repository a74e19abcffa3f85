import type { CallToolResult } from "@modelcontextprotocol/server";
import type * as z from "zod";
import { SkeinError } from "../core/base/errors.ts";
import { isLooseObject } from "../core/base/loose-object.ts";
import type { LooseObject } from "../core/base/loose-object.ts";
import { nearest } from "../core/base/nearest.ts";
import { argumentText } from "./argument-words.ts";
import { mcpErrors } from "./errors.ts";
import { clip } from "./views/text.ts";

/** An answer in both forms, each complete by itself: some hosts show the model only the text, some only the structure. */
export function reply(answer: Readonly<Record<string, unknown>>): CallToolResult {
  return {
    content: [{ type: "text", text: JSON.stringify(answer) }],
    structuredContent: { ...answer },
  };
}

/** The same as JSON, with each form made once. */
export function replyText(answer: Readonly<Record<string, unknown>>): string {
  const text = JSON.stringify(answer);
  return `{"content":[{"type":"text","text":${JSON.stringify(text)}}],"structuredContent":${text}}`;
}

/** A promise that could not be kept, with what to do about it. */
export function refusal(error: SkeinError): CallToolResult {
  return { ...reply(errorAnswer(error)), isError: true };
}

/** What a refusal says. */
export function errorAnswer(error: SkeinError): LooseObject {
  const { code, message, why, fix, facts, retryAfterMs } = error;
  const answer = {
    error: { code, message, cause: why, fix, retry_after_ms: retryAfterMs, facts },
    next: fix,
  };
  return withoutHidden(answer);
}

/** Names and values of others stand in messages and facts. */
function withoutHidden(answer: object): LooseObject {
  const shown: unknown = JSON.parse(JSON.stringify(answer), (_key, value: unknown) =>
    typeof value === "string" ? clip(value, value.length) : value,
  );
  return isLooseObject(shown) ? shown : {};
}

/** Names every wrong argument, and the field that was probably meant. */
export function argumentError(
  issues: readonly z.core.$ZodIssue[],
  fields: readonly string[],
): SkeinError {
  const problems = issues.slice(0, shownIssues).map((issue) => problemOf(issue, fields));
  const [first] = problems;
  const more = issues.length > 1 ? ` (and ${String(issues.length - 1)} more)` : "";
  return new SkeinError(mcpErrors.argument, {
    message: first === undefined ? "The arguments are wrong." : `${first}${more}.`,
    facts: { problems, fields },
  });
}

const shownIssues = 10;

function problemOf(issue: z.core.$ZodIssue, fields: readonly string[]): string {
  const at = issue.path.map(String).join(".").slice(0, 100);
  if (issue.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    const meant = at === "" ? nearest(key, fields) : null;
    const hint = meant === null ? "" : `, probably for \`${meant}\``;
    return `${at === "" ? "" : `\`${at}\`: `}unknown field \`${key.slice(0, 60)}\`${hint}`;
  }
  return `${at === "" ? "The call" : `\`${at}\``}${argumentText(issue)}`;
}
