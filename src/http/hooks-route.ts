import { SkeinError } from "../core/base/errors.ts";
import { isLooseObject, ownText, ownValue } from "../core/base/loose-object.ts";
import type { LooseObject } from "../core/base/loose-object.ts";
import type { Caller } from "../core/dispatch/index.ts";
import { createGuarding } from "../core/guarding/index.ts";
import type { ClaimOfSession, Guarding, JudgedClaim } from "../core/guarding/index.ts";
import { answerRemoteHook } from "../mcp/index.ts";
import { sendJson } from "./answers.ts";
import { readObject } from "./body.ts";
import { callerOfHeaders, clientOf } from "./caller.ts";
import { httpErrors } from "./errors.ts";
import { inLane } from "./in-lane.ts";
import type { ServerParts } from "./parts.ts";
import { noteRequest } from "./log/request-note.ts";
import type { Visit } from "./visit.ts";

/**
 * `POST api/v1/hooks/{question}`: what hooks of agent programs and of git ask that run beside a worktree elsewhere. A question is an event of
 * an agent's hooks, or `guard-` and one of the guard's. What the worktree says stands in the body, who acts in the headers.
 */
export async function answerHookOver(visit: Visit): Promise<void> {
  const { response, project, name } = visit;
  noteRequest({ action: `hook:${name}` });
  const body = await readObject(visit);
  const answer = await inLane(visit, "keep", async () => {
    const question = /^guard-([a-z]+)$/u.exec(name)?.[1];
    return question === undefined
      ? answerRemoteHook({
          skein: project.served.skein,
          event: name,
          body,
          caller: callerOf(visit),
          notes: project.notes,
        })
      : answerGuard(visit, question, body);
  });
  if (answer === null) {
    throw new SkeinError(httpErrors.noRoute, { facts: { question: name.slice(0, 64) } });
  }
  sendJson(response, 200, { value: answer });
}

function callerOf({ request, principal }: Visit): Caller {
  const { session, externalId, parentExternalId, gitDir, branch } = callerOfHeaders(request);
  return {
    handle: session,
    externalId,
    parentExternalId,
    process: null,
    client: clientOf(request),
    gitDir,
    branch,
    name: null,
    role: null,
    skills: null,
    needsHandle: false,
    principal,
  };
}

/** So many marks of commits a server looks up in one round of events, whoever asks. */
export const marksAtOnce = 64;

type Reply = Readonly<Record<string, unknown>>;
type Guard = (guarding: Guarding, body: LooseObject, parts: ServerParts) => Promise<Reply>;

/** The guard's questions; the answers are in the words of `Guarding`. */
const guards: Readonly<Record<string, Guard>> = {
  who: async (guarding) => {
    const session = await guarding.who();
    return {
      session:
        session === null
          ? null
          : { id: session.id, tier: session.tier, joined_at_ms: session.joinedAtMs },
    };
  },
  check: async (guarding, body) => ({ ...(await guarding.check(textsAt(body, "paths"))) }),
  needed: async (guarding) => ({ needed: await guarding.needed() }),
  lease: async (guarding, body) => ({ foreign: await guarding.lease(textsAt(body, "paths")) }),
  claims: async (guarding) => ({ claims: await guarding.claims() }),
  judge: async (guarding, body, parts) => ({
    judged: await judgeInParts(guarding, parts, marksAt(body)),
  }),
};

/** Judges marks in their order, some at a time. */
export async function judgeInParts(
  guarding: Pick<Guarding, "judge">,
  { judging }: Pick<ServerParts, "judging">,
  marks: readonly ClaimOfSession[],
): Promise<readonly JudgedClaim[]> {
  const judged: JudgedClaim[] = [];
  for (let at = 0; at < marks.length; at += marksAtOnce) {
    const part = marks.slice(at, at + marksAtOnce);
    judged.push(...(await judging.run(part.length, async () => guarding.judge(part))));
  }
  return judged;
}

async function answerGuard(
  visit: Visit,
  question: string,
  body: LooseObject,
): Promise<Reply | null> {
  const { principal, project, parts } = visit;
  const { handle, externalId, gitDir, branch } = callerOf(visit);
  const guarding = createGuarding(project.served.skein, {
    handle,
    externalId,
    gitDir,
    branch,
    principal,
    // The worktree's name says of which machine it is.
    host: null,
    isPerson: ownValue(body, "is_person") === true,
  });
  if (question === "override") {
    await guarding.override(principal.name, {
      code: textAt(body, "code").slice(0, 20),
      what: textAt(body, "what").slice(0, 4_000),
    });
    return {};
  }
  const guard = Object.hasOwn(guards, question) ? guards[question] : undefined;
  return guard === undefined ? null : guard(guarding, body, parts);
}

function textAt(body: LooseObject, key: string): string {
  const text = ownText(body, key);
  if (text === null) {
    throw new SkeinError(httpErrors.badRequest, { message: `\`${key}\` is no text.` });
  }
  return text;
}

/** Whoever asks about more asks several times, so that nobody has to wait for all of it. */
const mostParts = 1_000;

function listAt(body: LooseObject, key: string): readonly unknown[] {
  const value = ownValue(body, key);
  if (!Array.isArray(value) || value.length > mostParts) {
    throw new SkeinError(httpErrors.badRequest, {
      message: `\`${key}\` is no list of at most ${mostParts.toLocaleString("en")} parts.`,
    });
  }
  return value;
}

function textsAt(body: LooseObject, key: string): readonly string[] {
  const list = listAt(body, key);
  const texts = list.filter((each) => typeof each === "string" && each.length <= 4_096);
  if (texts.length !== list.length) {
    throw new SkeinError(httpErrors.badRequest, { message: `\`${key}\` is no list of paths.` });
  }
  return texts.map(String);
}

function marksAt(body: LooseObject): readonly ClaimOfSession[] {
  return listAt(body, "marks").map((value) => {
    const mark = isLooseObject(value) ? value : {};
    const task = ownValue(mark, "task");
    const fence = ownValue(mark, "fence");
    if (typeof task !== "string" || task.length > 200 || !Number.isSafeInteger(fence)) {
      throw new SkeinError(httpErrors.badRequest, { message: "`marks` is no list of claims." });
    }
    return { task, fence: Number(fence) };
  });
}
