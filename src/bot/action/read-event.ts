import { readFileSync, statSync } from "node:fs";

import { SkeinError } from "../../core/base/errors.ts";
import { botErrors } from "../errors.ts";
import type { BotEvent } from "../event.ts";
import { parsePayload } from "../payload.ts";
import type { Runner } from "./runner.ts";

/** GitHub sends no event of more than 25 MB. */
const maxEventBytes = 25_000_000;

/** Reads the event that a run was started by. @throws {SkeinError} SKN-1942. */
export function readEvent(runner: Runner): BotEvent {
  const { repository, repositoryId } = runner;
  const [owner = "", name = ""] = repository.split("/");
  const event = parsePayload(runner.eventName, readPayload(runner.eventPath), {
    owner,
    name,
    fullName: repository,
    id: repositoryId,
    isPrivate: false,
    defaultBranch: null,
  });
  // What the runner says decides where the token is used; an event of elsewhere is none of ours.
  if (event.repository.fullName.toLowerCase() !== repository.toLowerCase()) {
    throw new SkeinError(botErrors.badEvent, {
      message: `The event is of ${event.repository.fullName}, and the run of ${repository}.`,
      facts: { event: event.repository.fullName, run: repository },
    });
  }
  return event;
}

function readPayload(path: string): unknown {
  try {
    const stats = statSync(path);
    if (!stats.isFile() || stats.size > maxEventBytes) {
      throw new Error("it is no plain file of at most 25 MB");
    }
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new SkeinError(botErrors.badEvent, {
      message: "The file of the event is missing, too large, or no JSON.",
      facts: { path },
      cause,
    });
  }
}
