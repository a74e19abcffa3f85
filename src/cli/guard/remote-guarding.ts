import { callerHeaders, worktreeName } from "../../adapters/server/caller-headers.ts";
import { serverErrors } from "../../adapters/server/index.ts";
import type { ServerClient } from "../../adapters/server/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { isSessionId } from "../../core/base/ids.ts";
import { isLooseObject, ownText, ownValue } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import type {
  ClaimOfSession,
  ForeignPath,
  GuardedSession,
  Guarding,
  GuardSubject,
  JudgedClaim,
  NeededCommit,
} from "../../core/guarding/index.ts";

/** git waits meanwhile, and a commit runs two hooks: for one try, and for all of them. */
const limits = { silenceMs: 10_000, patienceMs: 1_000 };

/** Asks a server what the ledger says of a commit; what git says is looked at here. */
export function createRemoteGuarding(client: ServerClient, subject: GuardSubject): Guarding {
  const headers = callerHeaders({
    handle: subject.handle,
    externalId: subject.externalId,
    branch: subject.branch,
    gitDir: subject.gitDir === null ? null : worktreeName(subject.gitDir),
  });
  const ask = async (question: string, facts: LooseObject = {}): Promise<LooseObject> =>
    client.ask(`api/v1/hooks/guard-${question}`, {
      body: { is_person: subject.isPerson, ...facts },
      headers,
      // Leasing the same paths again renews them; a person's override may stand in the log twice.
      isRepeatable: true,
      ...limits,
      signal: null,
    });
  return {
    who: async () => sessionFrom(ownValue(await ask("who"), "session")),
    check: async (paths) => {
      const answers = await inPages(paths, async (page) => ask("check", { paths: page }));
      return {
        foreign: answers.flatMap((answer) => listOf(answer, "foreign", foreignFrom)),
        free: answers.flatMap((answer) => listOf(answer, "free", textFrom)),
      };
    },
    needed: async () => listOf(await ask("needed"), "needed", neededFrom),
    lease: async (paths) => {
      const answers = await inPages(paths, async (page) => ask("lease", { paths: page }));
      return answers.flatMap((answer) => listOf(answer, "foreign", foreignFrom));
    },
    claims: async () => listOf(await ask("claims"), "claims", claimFrom),
    judge: async (marks) => {
      const answers = await inPages(marks, async (page) => ask("judge", { marks: page }));
      return answers.flatMap((answer) => listOf(answer, "judged", judgedFrom));
    },
    override: async (_person, { code, what }) => {
      await ask("override", { code, what });
    },
  };
}

/** As much as a server takes in one question. */
const pageSize = 1_000;

async function inPages<T>(
  all: readonly T[],
  askPage: (page: readonly T[]) => Promise<LooseObject>,
): Promise<readonly LooseObject[]> {
  const answers: LooseObject[] = [];
  for (let start = 0; start < all.length; start += pageSize) {
    answers.push(await askPage(all.slice(start, start + pageSize)));
  }
  return answers;
}

function textFrom(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** A list in an answer, each of its parts understood: half an answer is none. @throws {SkeinError} SKN-2922. */
function listOf<T>(
  answer: LooseObject,
  key: string,
  read: (value: LooseObject[string]) => T | null,
): readonly T[] {
  const list = ownValue(answer, key);
  if (!Array.isArray(list)) {
    throw new SkeinError(serverErrors.notSkein);
  }
  return list.map((value: unknown) => {
    const found = read(value);
    if (found === null) {
      throw new SkeinError(serverErrors.notSkein);
    }
    return found;
  });
}

const tiers = ["lead", "manager", "worker", "sub"] as const;

/** Null is an answer: a person acts. Anything that is neither is none. */
function sessionFrom(value: unknown): GuardedSession | null {
  if (value === null) {
    return null;
  }
  const object = isLooseObject(value) ? value : {};
  const id = ownText(object, "id") ?? "";
  const tier = tiers.find((each) => ownText(object, "tier") === each);
  const joinedAtMs = ownValue(object, "joined_at_ms");
  if (!isSessionId(id) || tier === undefined || typeof joinedAtMs !== "number") {
    throw new SkeinError(serverErrors.notSkein);
  }
  return { id, tier, joinedAtMs };
}

function foreignFrom(value: unknown): ForeignPath | null {
  const object = isLooseObject(value) ? value : {};
  const path = ownText(object, "path");
  const text = ownText(object, "text");
  return path === null || text === null ? null : { path, text };
}

function neededFrom(value: unknown): NeededCommit | null {
  const object = isLooseObject(value) ? value : {};
  const commit = commitFrom(ownValue(object, "commit"));
  const task = ownText(object, "task");
  return commit === null || task === null ? null : { commit, task };
}

/** What git is given as a commit is one, and no option. */
function commitFrom(value: unknown): string | null {
  return typeof value === "string" && /^[0-9a-f]{4,64}$/u.test(value) ? value : null;
}

function claimFrom(value: unknown): ClaimOfSession | null {
  const object = isLooseObject(value) ? value : {};
  const task = ownText(object, "task");
  const fence = ownValue(object, "fence");
  return task === null || typeof fence !== "number" ? null : { task, fence };
}

const standings = ["good", "over", "unknown"] as const;

function judgedFrom(value: unknown): JudgedClaim | null {
  const object = isLooseObject(value) ? value : {};
  const said = ownText(object, "standing");
  if (said === "submitted") {
    return { standing: "submitted", commits: listOf(object, "commits", commitFrom) };
  }
  const standing = standings.find((each) => each === said);
  return standing === undefined ? null : { standing };
}
