import type { CliIo } from "../io.ts";
import type { Report } from "./agent-job.ts";

/** Tells on standard error how a run goes: one line that changes at a terminal, else a line for each thing that happens. */
export interface Progress {
  say(line: string): void;
  hear(this: void, name: string, report: Report): void;
  end(): void;
}

export interface ProgressOptions {
  readonly title: string;
  readonly tasks: number;
  readonly io: CliIo;
}

export function createProgress({ title, tasks, io }: ProgressOptions): Progress {
  const handedIn = new Set<string>();
  const startedAt = performance.now();
  const say = (line: string): void => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(5);
    io.warn(`${title} ${seconds} s  ${line}`);
  };
  return {
    say,
    hear: (name, report) => {
      switch (report.kind) {
        case "handed-in":
          handedIn.add(report.task);
          say(`${name} hands in ${report.task} (${String(handedIn.size)} of ${String(tasks)})`);
          break;
        case "gave-up":
          say(`${name} gives up ${report.task}: ${report.reason}`);
          break;
        case "killed":
          say(`${name} is killed while it works on ${report.task}`);
          break;
        case "took":
        case "edited":
        case "spent":
          break;
        default:
          report satisfies never;
      }
    },
    end: () => {
      say("done");
    },
  };
}
