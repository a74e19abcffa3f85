/** One thing that the scripted model does next. */
export type Move =
  | {
      readonly kind: "skein";
      readonly tool: string;
      readonly input: Readonly<Record<string, unknown>>;
    }
  /** Replaces the only line of a file, or makes the file where `from` is null. */
  | {
      readonly kind: "edit";
      readonly path: string;
      readonly from: string | null;
      readonly to: string;
    }
  | { readonly kind: "shell"; readonly command: string }
  /** Ends its turn. */
  | { readonly kind: "say"; readonly text: string };

/** What a model's request is answered with. */
export interface ModelReply {
  readonly type: string;
  readonly body: string;
}

/** Where one run takes place; every path is absolute and in a folder made for it. */
export interface Ground {
  /** The home of the host, with its configuration. */
  readonly home: string;
  /** The linked worktree in which the host works. */
  readonly worktree: string;
  /** The main worktree of the same repository. */
  readonly main: string;
  /** Of the scripted model on 127.0.0.1. */
  readonly port: number;
}

/** A program and its arguments, with what it finds in its environment. */
export interface HostCommand {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** An agent program that is driven by the scripted model. */
export interface Host {
  /** As `skein init --agents` calls it. */
  readonly name: string;
  /** In the npm registry, with its exact version. */
  readonly packageSpec: string;
  /** The name of its command. */
  readonly program: string;
  /** True where the first turn may begin before the MCP servers run: the model then waits a moment first. */
  readonly isHasty: boolean;
  /** True where Skein can tell the model something at the start. */
  readonly briefs: boolean;
  /** True where Skein can hold it back when it ends with an open task. */
  readonly holdsBack: boolean;
  /** False where its shell runs git without git's hooks: then only the integration refuses what the guard would have. */
  readonly runsGitHooks: boolean;
  /** Writes the host's own configuration; the repository's was written by `skein init`. */
  configure(ground: Ground): void;
  command(ground: Ground): HostCommand;
  /** False for what a host asks besides the conversation, such as a title. */
  isTurn(url: string, body: string): boolean;
  /** What a request that is no turn gets, or null for 404. */
  besides(url: string, body: string): ModelReply | null;
  reply(move: Move, turn: number): ModelReply;
}

/** Server-sent events as text; each is its data, with a name or without. */
export function serverSent(
  events: readonly { readonly name: string | null; readonly data: unknown }[],
): ModelReply {
  const body = events
    .map(({ name, data }) => {
      const text = typeof data === "string" ? data : JSON.stringify(data);
      return `${name === null ? "" : `event: ${name}\n`}data: ${text}\n\n`;
    })
    .join("");
  return { type: "text/event-stream", body };
}
