import type { OpenOptions, RepositoryProject } from "../compose.ts";
import type { Actor } from "../core/base/ids.ts";
import type { Approval, ApproveRequest, DraftResult } from "../core/planner/index.ts";

/** The plans that this server has models draft. A draft outlasts the call that began it, and ends with the server. */
export interface PlanDesk {
  /** Begins a draft, or joins the one of the same goal; null when it still runs after the time. @throws {SkeinError} as `Planner.draft`. */
  draft(ask: PlanAsk): Promise<DraftResult | null>;
  /** Takes a draft in. @throws {SkeinError} as `Planner.approve`. */
  approve(request: ApproveRequest): Promise<Approval>;
  /** Stops all calls. */
  close(): Promise<void>;
}

export interface PlanAsk {
  readonly goal: string;
  /** The plan's id; undefined: after the goal. */
  readonly plan: string | undefined;
  readonly actor: Actor;
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/** Nothing of models is loaded before the first goal. */
export function createPlanDesk(project: RepositoryProject, env: OpenOptions["env"]): PlanDesk {
  const running = new Map<string, Promise<DraftResult>>();
  const stop = new AbortController();
  const begin = async ({ goal, plan, actor }: PlanAsk): Promise<DraftResult> => {
    const { openPlanner } = await import("../compose-planner.ts");
    const source = { kind: "goal", file: null, text: goal } as const;
    return openPlanner(project, { env, actor }).draft({
      source,
      id: plan,
      actor,
      signal: stop.signal,
    });
  };
  return {
    draft: async (ask) => {
      const name = JSON.stringify([ask.actor, ask.plan ?? null, ask.goal]);
      const done = running.get(name) ?? begin(ask);
      running.set(name, done);
      // Once it was told, or has failed, the same goal is a new question.
      const forget = (): unknown => running.delete(name);
      done.catch(forget);
      const result = await waitFor(done, ask);
      if (result !== null) {
        forget();
      }
      return result;
    },
    approve: async (request) => {
      const { openPlanner } = await import("../compose-planner.ts");
      return openPlanner(project, { env, actor: request.actor }).approve(request);
    },
    close: async () => {
      stop.abort();
      await Promise.allSettled(running.values());
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
