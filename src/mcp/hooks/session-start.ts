import { quotedWords, wordOfOthers } from "../../core/base/text.ts";
import { clockText, patternText } from "../../core/leases/index.ts";
import type { Lease } from "../../core/leases/index.ts";
import type { Task } from "../../core/plans/index.ts";
import type { Session } from "../../core/sessions/index.ts";
import { silent } from "./answer.ts";
import type { HookAnswer } from "./answer.ts";
import { isAgent } from "./context.ts";
import type { HookContext } from "./context.ts";
import { unreadText } from "./post-edit.ts";

/** The most characters of a briefing: it stands in the agent's context for the whole session. */
const briefingLimit = 1_200;

/** The most leases of others that are named. */
const leaseLimit = 8;

/** Answers when a session begins or comes back: joins it and says, as facts, who it is, what it holds and what others hold. */
export async function sessionStart(context: HookContext): Promise<HookAnswer> {
  if (!isAgent(context.caller)) {
    return silent;
  }
  const { session } = await context.skein.dispatch.identify(context.caller);
  await context.worktree.remember(session);
  return { kind: "context", text: await briefing(context, session) };
}

async function briefing({ skein }: HookContext, session: Session): Promise<string> {
  return skein.store.read(async (reader) => {
    const held = await skein.plans.tasksHeldBy(reader, session.id);
    const counts = await skein.plans.counts(reader, null);
    const leases = await skein.leases.list(reader, {});
    const others = leases.filter((lease) => lease.session !== session.id);
    const names = await skein.sessions.renewals(reader, [
      ...new Set(others.map((lease) => lease.session)),
    ]);
    const unread = await skein.messages.unread(reader, session);
    const heads = [
      `Skein coordinates the agents on this repository. This session is ${session.id} (${wordOfOthers(session.name, 40)}).`,
      ...held.map(claimText),
      `Tasks: ${String(counts.ready)} ready, ${String(counts.claimed)} claimed, ${String(counts.submitted)} submitted, ${String(counts.done)} done.`,
      ...(unread > 0 ? [unreadText(unread)] : []),
      "next_task gives work. Editing a free file leases it; a file held by another session cannot be edited.",
    ];
    const lines = others
      .slice(0, leaseLimit)
      .map((lease) => leaseLine(lease, names.get(lease.session)?.name ?? lease.session));
    return fitting(heads, lines, others.length);
  });
}

function claimText({ plan, id, title, fence }: Task): string {
  return `It holds task ${plan}/${id} (${quotedWords(title, 80)}, fence ${String(fence)}).`;
}

function leaseLine({ patterns, session, untilMs }: Lease, name: string): string {
  const paths = patterns
    .slice(0, 3)
    .map((pattern) => wordOfOthers(patternText(pattern), 80))
    .join(", ");
  const more = patterns.length > 3 ? ` and ${String(patterns.length - 3)} more` : "";
  const until = untilMs === null ? "" : ` until ${clockText(untilMs)}`;
  return `- ${paths}${more}: ${wordOfOthers(name, 40)} (${session})${until}`;
}

/** As many lines as fit; the rest is counted. */
function fitting(heads: readonly string[], lines: readonly string[], total: number): string {
  const kept = [...lines];
  for (;;) {
    const text = [
      heads.join(" "),
      ...(total > 0 ? [`Held by others (${String(total)}):`, ...kept] : []),
      ...(kept.length < total && kept.length > 0 ? ['- look {"at": "files"} shows the rest'] : []),
    ].join("\n");
    if (text.length <= briefingLimit || kept.length === 0) {
      return text.slice(0, briefingLimit);
    }
    kept.pop();
  }
}
