import { statSync, utimesSync } from "node:fs";
import { ownText, parseLooseObject } from "../../core/base/loose-object.ts";
import { readBootId } from "../process/clock.ts";
import { createProcessProbe, hostId } from "../process/probe.ts";
import { readOwnFile } from "../process/own-file.ts";
import { putOwnFile, writeOwnFile } from "../process/write-own-file.ts";
import { readAnnounced } from "../server/announced.ts";
import type { Announced } from "../server/announced.ts";
import { announcementText, isStillSaid, takeAway } from "../server/announcement.ts";
import { stateOf } from "../server/local-server.ts";
import type { NamedProcess } from "../server/local-server.ts";
import { clearSocket } from "./place.ts";

/**
 * The seat of the process that leads: a file beside the store. That one leads is courtesy, not safety: two that lead at once write one after
 * the other like any processes, since SQLite's lock alone decides who writes.
 */
export interface Seat extends NamedProcess {
  /** Where it listens. */
  readonly socket: string;
  /** What whoever connects has to say first. */
  readonly key: string;
  readonly version: string;
  /** The file of the database that it writes. */
  readonly store: string;
}

const names = ["socket", "key", "version", "store"] as const;

/** Who leads, as far as this process could know it; null where nobody does. Whether it still runs says `stateOf`. */
export function readSeat(file: string): Seat | null {
  const found = readAnnounced(file, names);
  if (found === null || !isNear(found)) {
    return null;
  }
  const { text, process: holder } = found;
  return {
    socket: text("socket"),
    key: text("key"),
    version: text("version"),
    store: text("store"),
    ...holder,
  };
}

/** What tells a seat's file from that of another holder, which its own holder's renewals leave as it is; null where there is none. Cheaper than reading it. */
export function seatStamp(file: string): string | null {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined
    ? null
    : [stats.dev, stats.ino, stats.birthtimeMs, stats.size].map(String).join(" ");
}

/** A seat that this process holds. */
export interface HeldSeat {
  /** Says that its holder lives; false when another process has taken it over. */
  renew(): boolean;
  /** Gives it up, unless another process has taken it over. */
  leave(): void;
}

/** Takes the seat where it is free, or its holder is gone or stands still; null where somebody leads. */
export function takeSeat(
  file: string,
  said: Pick<Seat, "socket" | "key" | "version" | "store">,
): HeldSeat | null {
  const text = announcementText({ ...said });
  if (!putOwnFile(file, text)) {
    const left = abandoned(file);
    if (left === null) {
      return null;
    }
    writeOwnFile(file, text);
    left.clear();
  }
  return {
    renew: () => isStillSaid(file, text) && touch(file),
    leave: () => {
      takeAway(file, text);
    },
  };
}

/** For so long a seat counts whose holder cannot be looked at, since its processes are listed elsewhere; its holder renews it each second. */
const renewedWithinMs = 5_000;

/** What a holder left that leads no more; null while somebody leads, or the file is not ours. */
function abandoned(file: string): { clear(): void } | null {
  const own = readOwnFile(file, "nothing");
  if (own.kind !== "text") {
    return null;
  }
  const found = readAnnounced(file, names);
  if (found === null) {
    // Of a container of this machine, of an earlier boot, or no seat at all.
    const isLed = isOfOtherHost(own.text) && isFresh(file);
    return isLed ? null : { clear: () => undefined };
  }
  const isLed = isNear(found) ? stateOf(found.process) === "running" : isFresh(file);
  return isLed
    ? null
    : {
        clear: () => {
          clearSocket(found.text("socket"));
        },
      };
}

function isNear({ process: { namespace } }: Announced<string>): boolean {
  return namespace === createProcessProbe().self().namespace;
}

/** True for a seat of this very boot under the name of another host, as containers have it. */
function isOfOtherHost(text: string): boolean {
  const said = parseLooseObject(text) ?? {};
  return ownText(said, "boot_id") === readBootId() && ownText(said, "host") !== hostId();
}

function isFresh(file: string): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats !== undefined && Math.abs(Date.now() - stats.mtimeMs) < renewedWithinMs;
}

function touch(file: string): boolean {
  try {
    const now = new Date();
    utimesSync(file, now, now);
    return true;
  } catch {
    return false;
  }
}
