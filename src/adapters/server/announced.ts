import { ownText, ownValue, parseLooseObject } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { readBootId } from "../process/clock.ts";
import { readOwnFile } from "../process/own-file.ts";
import { hostId } from "../process/probe.ts";

/** What a process of this user, host and boot said of itself in a file. */
export interface Announced<Name extends string> {
  text(this: void, name: Name): string;
  readonly process: AnnouncedProcess;
}

export interface AnnouncedProcess {
  readonly pid: number;
  /** When it began, as the system counts; empty where that is not known. */
  readonly startedAt: string;
  /** In which list of processes its number counts; empty where there is only one, or it did not say. */
  readonly namespace: string;
}

/** Reads an announcement; null where no process of this user, host and boot announced itself with all of these names. */
export function readAnnounced<Name extends string>(
  file: string,
  names: readonly Name[],
): Announced<Name> | null {
  // Nobody else's word counts: a file that others can read or write names no process.
  const found = readOwnFile(file, "nothing");
  const object = found.kind === "text" ? parseLooseObject(found.text) : null;
  const pid = object === null ? null : ownValue(object, "pid");
  if (object === null || !isOfThisBoot(object) || !isPid(pid)) {
    return null;
  }
  const text = (name: string): string => ownText(object, name) ?? "";
  if (names.some((name) => text(name) === "")) {
    return null;
  }
  const stamp = { pid, startedAt: text("started_at"), namespace: text("namespace") };
  return { text, process: stamp };
}

function isOfThisBoot(object: LooseObject): boolean {
  return ownText(object, "host") === hostId() && ownText(object, "boot_id") === readBootId();
}

function isPid(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 1;
}
