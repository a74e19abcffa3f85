import { heldText } from "../../core/leases/index.ts";
import type { Refusal } from "../../core/leases/index.ts";
import type { Session } from "../../core/sessions/index.ts";
import { silent } from "./answer.ts";
import type { HookAnswer } from "./answer.ts";
import { isAgent, sessionOf } from "./context.ts";
import type { HookContext } from "./context.ts";
import { unreadHint } from "./post-edit.ts";
import { leaseEdits, leaseLimit, renew, sortPaths } from "./pre-edit.ts";

/** The most foreign paths that are named. */
const nameLimit = 5;

/**
 * Answers after a shell command: what it changed is told from the files that differ from HEAD now and did not, or did otherwise, before.
 * Free ones are leased, foreign ones reported; the commit is where they are refused.
 */
export async function postShell(context: HookContext): Promise<HookAnswer> {
  if (!isAgent(context.caller)) {
    return silent;
  }
  const session = await sessionOf(context);
  const changed = await context.worktree.changedPaths(session);
  const texts = changed.length === 0 ? [] : await settle(context, session, changed);
  await renew(context, session);
  const hint = session === null ? null : await unreadHint(context, session);
  const all = hint === null ? texts : [...texts, hint];
  return all.length === 0 ? silent : { kind: "context", text: all.join(" ") };
}

async function settle(
  context: HookContext,
  session: Session | null,
  paths: readonly string[],
): Promise<readonly string[]> {
  const { foreign, toLease } = await sortPaths(context, session, paths);
  const leasing = toLease.slice(0, leaseLimit);
  const refused = leasing.length === 0 ? [] : await leaseEdits(context, leasing);
  const rest = toLease.length - leasing.length;
  return [
    ...(await foreignTexts(context, [...foreign, ...refused])),
    ...(rest > 0
      ? [`${String(rest)} more changed files were not leased; list generated files in skein.yml.`]
      : []),
  ];
}

async function foreignTexts(
  { skein }: HookContext,
  foreign: readonly Refusal[],
): Promise<readonly string[]> {
  const first = foreign[0];
  if (first === undefined) {
    return [];
  }
  const nowMs = await skein.store.read(async (reader) => reader.nowMs);
  const named = foreign.slice(0, nameLimit).map((refusal) => heldText(refusal, nowMs));
  const more = foreign.length - named.length;
  return [
    `Changed in this worktree, but held by another session: ${named.join("; ")}${more > 0 ? `; and ${String(more)} more` : ""}.`,
    "A commit with these files is refused here.",
    `If the last command wrote them, take that change back or tell the holder with send_message {"to": "${first.holder}"}.`,
  ];
}
