import { asCaller } from "../adapters/process/caller.ts";
import { isAction, isAllowed } from "../core/access/index.ts";
import type { Principal } from "../core/access/index.ts";
import { SkeinError } from "../core/base/errors.ts";
import { isLooseObject, ownObject, ownValue } from "../core/base/loose-object.ts";
import type { LooseObject } from "../core/base/loose-object.ts";
import { parseSentWork } from "../sent-work.ts";
import { largestBody, readObject } from "./body.ts";
import { callerOfObject, originOf } from "./caller.ts";
import type { CommandCall, CommandRequest } from "./command-runner.ts";
import { httpErrors } from "./errors.ts";
import { inLane } from "./in-lane.ts";
import type { Lane } from "./lanes.ts";
import { createLiveAnswer } from "./live-answer.ts";
import { noteRequest } from "./log/request-note.ts";
import { stillProven } from "./still-proven.ts";
import type { Visit } from "./visit.ts";

/** The largest body of a command, in bytes, from whoever may bring in whole plans and exports; of others it is that of any call. */
const largestInput = 64 * 1_024 * 1_024;

/** `POST api/v1/commands`: a command's words in, what it writes and its exit code out. */
export async function runCommand(visit: Visit): Promise<void> {
  const { parts, project, principal, signal } = visit;
  const { commands, gate } = parts;
  if (commands === null) {
    throw new SkeinError(httpErrors.noRoute);
  }
  const asked = parseCommand(await readObject(visit, limitOf(principal)));
  const lane = laneOf(asked, commands.isReading(asked.command));
  const live = createLiveAnswer(visit);
  const call: CommandCall = {
    project: project.served,
    principal,
    ensureAdmitted: lane === "wait" ? stillProven(visit) : undefined,
    signal: AbortSignal.any([signal, parts.draining]),
    tell: live.progress,
    mayUse: (action) => {
      gate.authorise(principal, action);
    },
  };
  const action = `command:${asked.command.join(" ")}`;
  const origin = originOf(principal, action);
  noteRequest({ action: isAction(action) ? action : null });
  try {
    const { exitCode, stdout, stderr } = await inLane(visit, lane, async () =>
      asCaller(origin, async () => commands.run(asked, call)),
    );
    live.done({ exit_code: exitCode, stdout, stderr });
  } catch (error) {
    live.failed(error);
  } finally {
    live.close();
  }
}

function limitOf(principal: Principal): number {
  return isAllowed(principal, "command:plan import") ? largestInput : largestBody;
}

function laneOf({ options, command }: CommandRequest, isReading: boolean): Lane {
  const words = command.join(" ");
  if (Number(options["wait"] ?? 0) > 0 || withModels.has(words)) {
    return "wait";
  }
  if (words === "lease release") {
    return "keep";
  }
  return isReading ? "read" : "take";
}

/** They wait for models, and take nobody's place meanwhile. */
const withModels: ReadonlySet<string> = new Set(["review", "plan draft"]);

const mostWords = 10_000;

/** @throws {SkeinError} SKN-1935, naming the field. */
function parseCommand(body: LooseObject): CommandRequest {
  const input = ownValue(body, "input") ?? null;
  const caller = ownValue(body, "caller") ?? {};
  if (input !== null && typeof input !== "string") {
    throw wrongField("input", "a text or null");
  }
  if (!isLooseObject(caller)) {
    throw wrongField("caller", "an object");
  }
  const command = wordsIn(body, "command");
  if (command.length === 0 || command.length > 2) {
    throw wrongField("command", "one or two words");
  }
  return {
    command,
    args: ownValue(body, "arguments") === undefined ? [] : wordsIn(body, "arguments"),
    options: optionsIn(ownObject(body, "options")),
    input,
    caller: callerOfObject(caller),
    isJson: ownValue(body, "json") === true,
    work: parseSentWork(ownValue(body, "work")),
  };
}

function wordsIn(body: LooseObject, field: string): readonly string[] {
  const value = ownValue(body, field);
  if (!Array.isArray(value) || value.length > mostWords) {
    throw wrongField(field, "a list of words");
  }
  const words = value.filter((word): word is string => typeof word === "string");
  if (words.length !== value.length) {
    throw wrongField(field, "a list of words");
  }
  return words;
}

function optionsIn(given: LooseObject): Readonly<Record<string, string | boolean>> {
  const options: Record<string, string | boolean> = {};
  for (const [name, value] of Object.entries(given)) {
    if (!/^[a-z][a-z-]{0,40}$/u.test(name)) {
      throw wrongField("options", "an object whose names are those of options, without dashes");
    }
    if (typeof value === "number") {
      options[name] = String(value);
    } else if (typeof value === "string" || typeof value === "boolean") {
      options[name] = value;
    } else {
      throw wrongField(`options.${name}`, "a text, a number, true or false");
    }
  }
  return options;
}

function wrongField(field: string, wanted: string): SkeinError {
  return new SkeinError(httpErrors.badRequest, {
    message: `\`${field}\` has to be ${wanted}.`,
    facts: { field },
  });
}
