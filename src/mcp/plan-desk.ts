import type { OpenOptions, RepositoryProject } from "../compose.ts";
import type { Actor } from "../core/base/ids.ts";
import type { GivenSettings } from "../compose-models.ts";
import { holdWork } from "./held-work.ts";
import type { Approval, ApproveRequest, Base, DraftResult } from "../core/planner/index.ts";

/** The plans that this server has models draft. A draft outlasts the call that began it, and ends with the server. */
export interface PlanDesk {
  /** Begins a draft, or joins the one of the same goal; null when it still runs after the time. @throws {SkeinError} as `Planner.draft`. */
  draft(ask: PlanAsk): Promise<DraftResult | null>;
  /** Takes a draft in. @throws {SkeinError} as `Planner.approve`. */
  approve(ask: ApproveAsk): Promise<Approval>;
  /** Stops all calls. */
  close(): Promise<void>;
}

export interface PlanAsk {
  readonly goal: string;
  /** The plan's id; undefined: after the goal. */
  readonly plan: string | undefined;
  readonly actor: Actor;
  /** The tree as a caller elsewhere sent it; null: it is read from the repository here. */
  readonly tree: Base | null;
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/** What is to be taken in, by whom, and on which tree; null: it is read from the repository here. */
export type ApproveAsk = ApproveRequest & { readonly tree: Base | null };

export interface PlanDeskOptions {
  readonly env: OpenOptions["env"];
  /** The settings that name the models. Default: as committed on the local default branch. */
  readonly given?: GivenSettings | undefined;
  /** True where callers are on other machines: the files of their drafts are not looked for on this one. Default false. */
  readonly isElsewhere?: boolean | undefined;
}

/** So many drafts wait for whoever asked for them and did not stay. */
const mostEnded = 32;

/** Nothing of models is loaded before the first goal. */
export function createPlanDesk(project: RepositoryProject, options: PlanDeskOptions): PlanDesk {
  const running = holdWork<Promise<DraftResult>>(mostEnded);
  const stop = new AbortController();
  const begin = async ({ goal, plan, actor, tree }: PlanAsk): Promise<DraftResult> => {
    const { openPlanner } = await import("../compose-planner.ts");
    const source = { kind: "goal", file: null, text: goal } as const;
    return openPlanner(project, { ...options, actor, tree: tree ?? undefined }).draft({
      source,
      id: plan,
      actor,
      signal: stop.signal,
    });
  };
  return {
    draft: async (ask) => {
      const commit = ask.tree?.commit ?? null;
      const name = JSON.stringify([ask.actor, ask.plan ?? null, ask.goal, commit]);
      const known = running.get(name);
      const done = known ?? begin(ask);
      // Once it was told, or has failed, the same goal is a new question.
      const forget = (): void => running.drop(name);
      if (known === undefined) {
        running.hold(name, done, done);
        done.catch(forget);
      }
      const result = await waitFor(done, ask);
      if (result !== null) {
        forget();
      }
      return result;
    },
    approve: async ({ tree, ...request }) => {
      const { openPlanner } = await import("../compose-planner.ts");
      const { actor } = request;
      return openPlanner(project, { ...options, actor, tree: tree ?? undefined }).approve(request);
    },
    close: async () => {
      stop.abort();
      await Promise.allSettled(running.all());
    },
  };
}

async function waitFor<T>(
  done: Promise<T>,
  { waitMs, signal }: Pick<PlanAsk, "waitMs" | "signal">,
): Promise<T | null> {
  const over = new AbortController();
  try {
    const pause = new Promise<null>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        resolve(null);
      };
      const timer = setTimeout(end, waitMs);
      signal.addEventListener("abort", end, { once: true, signal: over.signal });
      over.signal.addEventListener("abort", end, { once: true });
    });
    return await Promise.race([done, pause]);
  } finally {
    over.abort();
  }
}
