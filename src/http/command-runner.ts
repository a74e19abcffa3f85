import type { ServedProject } from "../compose-projects.ts";
import type { Principal } from "../core/access/index.ts";
import type { Caller } from "../core/dispatch/index.ts";
import type { RemoteCaller } from "../mcp/index.ts";
import type { SentWork } from "../sent-work.ts";
import type { ToldProgress } from "./live-answer.ts";

/** One call of a command over the network. */
export interface CommandRequest {
  /** The words of the command, as `["plan", "pause"]`. */
  readonly command: readonly string[];
  readonly args: readonly string[];
  /** By the option's long name without dashes; true for a flag that is given. */
  readonly options: Readonly<Record<string, string | boolean>>;
  /** What the command reads from standard input; null: nothing. */
  readonly input: string | null;
  readonly caller: RemoteCaller;
  readonly isJson: boolean;
  /** What the caller sent of its repository. */
  readonly work: SentWork;
}

export interface CommandOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command as it is announced. */
export interface CommandWords {
  readonly name: string;
  readonly summary: string;
  readonly args: readonly { readonly name: string; readonly summary: string }[];
  readonly options: readonly { readonly flags: string; readonly summary: string }[];
}

export interface CommandCall {
  readonly project: ServedProject;
  readonly principal: Principal;
  /** See `Caller`; undefined: the call does not wait. */
  readonly ensureAdmitted: Caller["ensureAdmitted"];
  readonly signal: AbortSignal;
  /** Tells the caller how far the command is, where it wants to know. */
  readonly tell: (told: ToldProgress) => void;
  /** Lets the caller use what the command needs, as `command:plan pause`, or throws. */
  mayUse(action: string): void;
}

/** Runs those commands of the command line that need nothing but the store; whoever starts the server brings it. */
export interface CommandRunner {
  readonly commands: readonly CommandWords[];
  /** True when the command changes nothing. */
  isReading(words: readonly string[]): boolean;
  run(request: CommandRequest, call: CommandCall): Promise<CommandOutcome>;
}
