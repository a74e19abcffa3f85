import { z } from "zod";

import { SkeinError } from "../core/base/errors.ts";
import { botErrors } from "./errors.ts";
import type { BotEvent, EventBody, EventFrame, EventRepository } from "./event.ts";

/** GitHub allows 65,536 characters in a body; what is longer did not come from there. */
const maxBody = 65_536;
const maxLabels = 100;

const line = z.string().max(1_024);
const sha = z.string().regex(/^[0-9a-f]{40}$|^[0-9a-f]{64}$/u);
const fullName = z.string().regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/u);
const bodyText = z
  .string()
  .nullish()
  .transform((text) => (text ?? "").slice(0, maxBody));

const actor = z
  .object({
    login: z.string().max(100),
    id: z.int(),
    type: z.string().max(40).default("User"),
  })
  .nullish()
  .transform((found) => found ?? null);

const labels = z
  .array(z.object({ name: z.string().max(200) }))
  .default([])
  .transform((found) => found.slice(0, maxLabels).map(({ name }) => name));

const label = z
  .object({ name: z.string().max(200) })
  .nullish()
  .transform((found) => found?.name ?? null);

const repository = z
  .object({
    full_name: fullName,
    id: z.int(),
    private: z.boolean().default(false),
    default_branch: line.nullish(),
  })
  .transform((found): EventRepository => {
    const [owner = "", name = ""] = found.full_name.split("/");
    return {
      owner,
      name,
      fullName: found.full_name,
      id: found.id,
      isPrivate: found.private,
      defaultBranch: found.default_branch ?? null,
    };
  });

const side = z
  .object({ ref: line, sha, repo: z.object({ full_name: fullName }).nullish() })
  .transform((found) => ({
    ref: found.ref,
    sha: found.sha,
    repository: found.repo?.full_name ?? null,
  }));

const issue = z
  .object({
    number: z.int().positive(),
    title: line,
    body: bodyText,
    state: z.string().max(20).default("open"),
    labels,
    user: actor,
    author_association: z.string().max(40).default("NONE"),
    pull_request: z.unknown().optional(),
  })
  .transform(({ user, author_association, pull_request, ...found }) => ({
    ...found,
    author: user,
    authorAssociation: author_association,
    isPullRequest: pull_request !== undefined && pull_request !== null,
  }));

/** With a review's comment GitHub sends less of the pull request than with its own events. */
const pull = z
  .object({
    number: z.int().positive(),
    title: line,
    body: bodyText,
    state: z.string().max(20),
    draft: z.boolean().default(false),
    merged: z.boolean().nullish(),
    merged_at: z.string().max(40).nullish(),
    closed_at: z.string().max(40).nullish(),
    labels,
    user: actor,
    author_association: z.string().max(40).default("NONE"),
    head: side,
    base: side,
  })
  .transform((found) => ({
    number: found.number,
    title: found.title,
    body: found.body,
    state: found.state,
    isDraft: found.draft,
    isMerged: found.merged ?? typeof found.merged_at === "string",
    labels: found.labels,
    author: found.user,
    authorAssociation: found.author_association,
    head: found.head,
    base: found.base,
    closedAt: found.closed_at ?? null,
  }));

const comment = z
  .object({
    id: z.int(),
    body: bodyText,
    user: actor,
    author_association: z.string().max(40).default("NONE"),
  })
  .transform(({ user, author_association, ...found }) => ({
    ...found,
    author: user,
    authorAssociation: author_association,
  }));

const group = z.object({ head_sha: sha, head_ref: line, base_sha: sha, base_ref: line });

/** How checks end that call for nothing. */
const calm = new Set(["", "success", "neutral", "skipped", "cancelled", "stale"]);

const checkRun = z
  .object({
    name: line,
    head_sha: sha,
    conclusion: z.string().max(40).nullish(),
    check_suite: z.object({ head_branch: line.nullish() }).nullish(),
  })
  .transform((found) => ({
    name: found.name,
    sha: found.head_sha,
    branch: found.check_suite?.head_branch ?? null,
    isFailing: !calm.has(found.conclusion ?? ""),
  }));

const inputValue = z
  .union([z.string(), z.boolean(), z.number(), z.null()])
  .transform((value) => (value === null ? "" : String(value)));

const frame = z.object({ action: z.string().max(60).nullish(), sender: actor });

/** What of each event is read; fields that no handler may use are left behind. */
const kinds: Readonly<Record<string, z.ZodType<EventBody>>> = {
  issues: z.object({ issue, label }).transform((found) => ({ kind: "issue" as const, ...found })),
  issue_comment: z
    .object({ issue, comment })
    .transform((found) => ({ kind: "issue-comment" as const, ...found })),
  pull_request: z.object({ pull_request: pull, label }).transform((found) => ({
    kind: "pull-request" as const,
    pull: found.pull_request,
    label: found.label,
  })),
  pull_request_review_comment: z.object({ pull_request: pull, comment }).transform((found) => ({
    kind: "review-comment" as const,
    pull: found.pull_request,
    comment: found.comment,
  })),
  merge_group: z.object({ merge_group: group }).transform(({ merge_group: found }) => ({
    kind: "merge-group" as const,
    head: { ref: found.head_ref, sha: found.head_sha, repository: null },
    base: { ref: found.base_ref, sha: found.base_sha, repository: null },
  })),
  push: z
    .object({ ref: line, before: sha, after: sha, forced: z.boolean().default(false) })
    .transform(({ forced, ref, before, after }) => ({
      kind: "push" as const,
      ref,
      before,
      after,
      isForced: forced,
    })),
  check_run: z
    .object({ check_run: checkRun })
    .transform(({ check_run: check }) => ({ kind: "check" as const, check })),
  workflow_dispatch: z
    .object({ ref: line, inputs: z.record(z.string().max(200), inputValue).nullish() })
    .transform((found) => ({
      kind: "dispatch" as const,
      ref: found.ref,
      inputs: found.inputs ?? {},
    })),
  schedule: z
    .object({ schedule: line.default("") })
    .transform((found) => ({ kind: "schedule" as const, cron: found.schedule })),
};

/** Parses what GitHub sent with an event. `fallback` is the repository of an event that names none, as a schedule. */
export function parsePayload(
  name: string,
  payload: unknown,
  fallback: EventRepository | null,
): BotEvent {
  const outer = read(name, frame, payload);
  const named = read(name, z.object({ repository: repository.nullish() }), payload).repository;
  const found = named ?? fallback;
  if (found === null) {
    throw badEvent(name, "repository");
  }
  const event: EventFrame = {
    name,
    action: outer.action ?? null,
    repository: found,
    sender: outer.sender,
  };
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  return kind === undefined
    ? { ...event, kind: "other" }
    : { ...event, ...read(name, kind, payload) };
}

function read<T>(name: string, schema: z.ZodType<T>, payload: unknown): T {
  const parsed = schema.safeParse(payload);
  if (!parsed.success) {
    // Only where it is wrong: the value is somebody else's text.
    throw badEvent(name, parsed.error.issues[0]?.path.join(".") ?? "");
  }
  return parsed.data;
}

function badEvent(name: string, path: string): SkeinError {
  const place = path === "" ? "it is no object" : `\`${path}\` is missing or wrong`;
  return new SkeinError(botErrors.badEvent, {
    message: `The event \`${name.slice(0, 60)}\` cannot be read: ${place}.`,
    facts: { event: name.slice(0, 60), field: path },
  });
}
