import type { OnSwarmEvent, SwarmEvent, SwarmPhase } from "../core/review/index.ts";
import { wantsAscii } from "./ascii.ts";
import type { CliIo } from "./io.ts";
import type { Told } from "./within.ts";

/** Shows what a swarm does while it does it. */
export interface ReviewProgress {
  readonly onEvent: OnSwarmEvent;
  /** Ends the display; nothing is drawn after it resolves. */
  end(): Promise<void>;
}

const titles: Readonly<Record<SwarmPhase, string>> = {
  generate: "Reviewers read the change",
  vote: "Reviewers vote on what the others found",
};

interface Stage {
  readonly over: Promise<void>;
  finish(): void;
  asked: number;
  answered: number;
  failed: number;
  title: string;
  show: () => void;
}

/** What of a drawn task is used. */
interface ShownTask {
  title: string;
  /** Marks it as one that did not do its work. */
  skip(): void;
}

/** Draws two tasks on a terminal that can show the signs of it; elsewhere it is silent. */
export async function startProgress(io: CliIo, isShown: boolean): Promise<ReviewProgress> {
  if (!isShown || !io.isTerminal || wantsAscii(io.env)) {
    return { onEvent: () => undefined, end: async () => undefined };
  }
  const { Listr } = await import("listr2");
  const stages = { generate: newStage("generate"), vote: newStage("vote") };
  const tasks = new Listr(
    (["generate", "vote"] as const).map((phase) => ({
      title: titles[phase],
      task: async (_: unknown, task: ShownTask): Promise<void> => {
        const stage = stages[phase];
        stage.show = () => {
          task.title = stage.title;
        };
        // What was heard before the display came to this task.
        stage.show();
        await stage.over;
        if (stage.answered === 0) {
          task.skip();
        }
      },
    })),
    // Ctrl-C is the command's: it stops the calls, settles the ledger and publishes what there is.
    { exitOnError: false, registerSignalListeners: false },
  );
  const shown = tasks.run();
  return {
    onEvent: (event) => {
      hear(stages, event);
    },
    end: async () => {
      stages.generate.finish();
      stages.vote.finish();
      await shown;
    },
  };
}

/** Tells somebody elsewhere how far the swarm is. */
export function toldProgress(tell: (told: Told) => void): ReviewProgress {
  const stages = { generate: newStage("generate"), vote: newStage("vote") };
  return {
    onEvent: (event) => {
      hear(stages, event);
      const stage = event.kind === "pooled" ? stages.vote : stages[event.phase];
      tell({
        done: stages.generate.answered + stages.vote.answered,
        total: stages.generate.asked + stages.vote.asked,
        message: stage.title,
      });
    },
    end: async () => Promise.resolve(),
  };
}

function newStage(phase: SwarmPhase): Stage {
  const over = new AbortController();
  return {
    over: new Promise((resolve) => {
      over.signal.addEventListener("abort", () => {
        resolve();
      });
    }),
    finish: () => {
      over.abort();
    },
    asked: 0,
    answered: 0,
    failed: 0,
    title: titles[phase],
    show: () => undefined,
  };
}

function hear(stages: Readonly<Record<SwarmPhase, Stage>>, event: SwarmEvent): void {
  if (event.kind === "pooled") {
    stages.generate.finish();
    return;
  }
  const stage = stages[event.phase];
  stage.asked += event.kind === "phase_started" ? event.seats : 0;
  stage.answered += event.kind === "seat_answered" ? 1 : 0;
  stage.failed += event.kind === "seat_failed" ? 1 : 0;
  const failed = stage.failed === 0 ? "" : `, ${String(stage.failed)} failed`;
  stage.title = `${titles[event.phase]}: ${String(stage.answered)} of ${String(stage.asked)}${failed}`;
  stage.show();
}
