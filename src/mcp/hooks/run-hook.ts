import type { Repository } from "../../adapters/git/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { cleanLine } from "../../core/base/text.ts";
import { storeErrors } from "../../core/store/index.ts";
import type { OpenSqlite } from "../../core/store/index.ts";
import { askServers } from "./answer-client.ts";
import type { ServerQuestion } from "./ask-server.ts";
import { answerHook } from "./answer-hook.ts";
import { answerText, silent } from "./answer.ts";
import type { HookAnswer } from "./answer.ts";
import { editedPaths } from "./edited-paths.ts";
import { createHookContext } from "./hook-context.ts";
import { notesIn, openLedger } from "./open-ledger.ts";
import { hookEvents, hosts, hostOfPlugin, isHookEvent, isHost, parseHookCall } from "./payload.ts";
import type { HookCall, HookEvent, Host } from "./payload.ts";
import { touchedRepositories } from "./touched-repositories.ts";

/** What a hook's process gives and takes. */
export interface HookIo {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** All of standard input; null when it is longer than a hook reads. */
  readInput(): string | null;
  /** Opens the database. One process must not open a file with two SQLite libraries: each would drop the other's locks. */
  readonly openDriver: OpenSqlite;
  out(text: string): void;
  warn(line: string): void;
}

/**
 * Runs `skein hook HOST EVENT` and tells the exit code: 0 whatever the answer, 1 when it was called wrongly. A fault of Skein's own lets
 * the agent go on, and says so.
 */
export async function runHook(argv: readonly string[], io: HookIo): Promise<number> {
  const [word = "", event = ""] = argv;
  if (!(isHost(word) || word === "plugin") || !isHookEvent(event)) {
    io.warn(
      `skein: SKN-1903 usage: skein hook ${hosts.join("|")}|plugin ${hookEvents.join("|")}, with the host's JSON on standard input.`,
    );
    return 1;
  }
  const said = await sayOn(word, event, io);
  if (said !== null) {
    io.out(said);
  }
  return 0;
}

/** What is printed for a call, in the form of the host that the word, or the call itself, names. */
async function sayOn(word: Host | "plugin", event: HookEvent, io: HookIo): Promise<string | null> {
  const text = io.readInput();
  const host = word === "plugin" ? hostOfPlugin(text ?? "") : word;
  const call = text === null ? null : parseHookCall(host, event, text);
  const answer = call === null ? unreadable : await answerOrNote(call, { io, text: text ?? "" });
  return answerText(host, event, answer);
}

async function answerOrNote(call: HookCall, asked: Asked): Promise<HookAnswer> {
  try {
    return await answerCall(call, asked);
  } catch (error) {
    const line = `Skein could not look at the ledger, so nothing was checked: ${faultText(error)}`;
    asked.io.warn(`skein: ${line}`);
    return { kind: "note", text: line };
  }
}

const unreadable: HookAnswer = {
  kind: "note",
  text: "Skein could not read what the hook was given, so nothing was checked.",
};

const unnamed: HookAnswer = {
  kind: "note",
  text: "Skein found no file in what the hook was given, so this edit was not checked.",
};

interface Asked {
  readonly io: HookIo;
  /** The host's own text. */
  readonly text: string;
}

/** The first of the repositories that has something to say says it. */
async function answerCall(call: HookCall, asked: Asked): Promise<HookAnswer> {
  const touched = touchedRepositories(call, asked.io);
  for (const { repository, server } of touched) {
    const answer =
      server === null
        ? await answerIn({ repository, io: asked.io }, call, asked.text)
        : await answerOfServer(call, { server, repository, ...asked.io });
    if (answer.kind !== "silent") {
      return answer;
    }
  }
  const isUnnamed = call.event === "pre-edit" && editedPaths(call).length === 0;
  return isUnnamed && touched.length > 0 ? unnamed : silent;
}

async function answerOfServer(call: HookCall, question: ServerQuestion): Promise<HookAnswer> {
  const { answerFromServer } = await import("./ask-server.ts");
  return answerFromServer(call, question);
}

async function answerIn(place: Place, call: HookCall, text: string): Promise<HookAnswer> {
  const { repository, io } = place;
  try {
    return await answerFromLedger(call, place);
  } catch (error) {
    // Some hosts keep `.git` read-only for what their agents run; the session's MCP server stands outside of that.
    const answer = isClosedOff(error)
      ? await askServers(repository, {
          host: call.host,
          event: call.event,
          text,
          cwd: io.cwd,
          env: io.env,
        })
      : null;
    if (answer !== null) {
      return answer;
    }
    if (error instanceof SkeinError && error.code === storeErrors.noProject.code) {
      // The variable names a database for all of this machine's repositories, and this one is not in it.
      return silent;
    }
    throw error;
  }
}

interface Place {
  readonly repository: Repository;
  readonly io: HookIo;
}

async function answerFromLedger(call: HookCall, { repository, io }: Place): Promise<HookAnswer> {
  const ledger = await openLedger({
    repository,
    env: io.env,
    openDriver: io.openDriver,
  });
  try {
    const context = createHookContext(
      {
        skein: ledger.coordination,
        repository,
        cwd: io.cwd,
        env: io.env,
        notes: notesIn(repository),
        isExempt: ledger.isExempt,
      },
      call,
    );
    return await answerHook(context, call);
  } finally {
    await ledger.close();
  }
}

/**
 * A journal that cannot be made beside the file looks to SQLite like a file that cannot be opened; a sandbox without a network, like a server
 * that is down.
 */
function isClosedOff(error: unknown): boolean {
  const { readOnly, cannotOpen, unreachable } = storeErrors;
  const codes: readonly string[] = [readOnly.code, cannotOpen.code, unreachable.code];
  return error instanceof SkeinError && codes.includes(error.code);
}

function faultText(error: unknown): string {
  if (error instanceof SkeinError) {
    return `${error.code} ${error.message} ${error.fix}`;
  }
  return cleanLine(error instanceof Error ? error.message : String(error), 200);
}
