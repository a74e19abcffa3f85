import { statSync } from "node:fs";
import { join } from "node:path";
import type { CallToolResult } from "@modelcontextprotocol/server";
import { seatFile } from "../../adapters/leading/place.ts";
import { readSeat, seatStamp } from "../../adapters/leading/seat.ts";
import { readLocalServer, stateOf } from "../../adapters/server/local-server.ts";
import type { LocalServer, NamedProcess } from "../../adapters/server/local-server.ts";
import { databaseOf } from "../../store-place.ts";
import { wayToSeat } from "./seat-way.ts";
import { wayToServer } from "./server-way.ts";
import type { HandLine, LeaderCall, Way } from "./way.ts";

/**
 * Who writes this store for everybody: `skein serve` on this machine, else the process that was elected among those that share the store. One
 * warm process makes the changes of many faster than many cold ones, and they share its waits for the disk.
 */
export interface Leader {
  /**
   * Has the leader do a call; null when there is none, or it is gone, frozen or about to end: then the call is to be done on the file,
   * under the same key. @throws {SkeinError} what the call itself came to.
   */
  ask(call: LeaderCall): Promise<CallToolResult | null>;
  /** True while an elected leader is at hand that was looked at within the last second. */
  isNear(): boolean;
  /** Has the leader at hand do a call, and gives its result as JSON; null as with `ask`. Never rejects. */
  askNear(call: LeaderCall): Promise<string | null>;
  /** Hands a line to the leader at hand; null where there is none. See `Channel`. */
  handNear(...handing: Parameters<HandLine>): ReturnType<HandLine> | null;
  close(): void;
}

export interface LeaderPlace {
  readonly storeDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Only a process of the same version is asked. */
  readonly version: string;
  /** Is told that the leader is frozen, before the call is done on the file. */
  readonly onFrozen: (leader: NamedProcess) => void;
  /** Is told that an elected leader was lost. */
  readonly onLost: () => void;
}

/** A leader that failed is left alone for so long. */
const restMs = 1_000;

/** For so long an elected leader is asked without a look at whether a server has taken its place. */
const lookMs = 1_000;

interface Known {
  readonly name: string;
  readonly way: Way;
  /** Of the file that says who was elected; null for a server that people started. */
  readonly stamp: string | null;
}

export function createLeader(place: LeaderPlace): Leader {
  const rest = createRest();
  const finding = createFinding(place, rest);
  const lost = createLost(place, rest);
  const blame = (leader: Known, { signal }: LeaderCall, isFrozen: boolean): void => {
    // Where nobody wants the answer any more, the leader is not to blame.
    if (!signal.aborted) {
      lost(leader, isFrozen);
    }
  };
  return {
    ask: async (call) => {
      const leader = await finding.find();
      if (leader === null) {
        return null;
      }
      const outcome = await leader.way.ask(call);
      if (outcome.kind === "answered") {
        return outcome.result;
      }
      blame(leader, call, outcome.isFrozen);
      return null;
    },
    isNear: () => finding.near() !== null,
    askNear: async (call) => {
      const leader = finding.near();
      const outcome = await leader?.way.askText?.(call);
      if (leader === null || outcome === undefined) {
        return null;
      }
      if (outcome.kind === "answered") {
        return outcome.text;
      }
      blame(leader, call, outcome.isFrozen);
      return null;
    },
    handNear: createHandNear(finding, lost),
    close: () => {
      finding.close();
    },
  };
}

function createHandNear(finding: Finding, lost: Lost): Leader["handNear"] {
  return (line, settle) => {
    const leader = finding.near();
    if (leader === null || leader.way.hand === null) {
      return null;
    }
    let isWanted = true;
    const cancel = leader.way.hand(line, (owing) => {
      // Where nobody wants the answer any more, the leader is not to blame.
      if (owing.kind === "lost" && isWanted) {
        lost(leader, owing.isFrozen);
      }
      settle(owing);
    });
    return () => {
      isWanted = false;
      cancel();
    };
  };
}

/** Knows who leads. */
interface Finding {
  /** An elected leader that was found a moment ago; null where there is none. */
  near(): Known | null;
  /** The same, or whoever leads now. */
  find(): Promise<Known | null>;
  close(): void;
}

function createFinding(place: LeaderPlace, rest: Rest): Finding {
  let known: Known | null = null;
  let lookedMs = Number.NEGATIVE_INFINITY;
  let looking: Promise<Known | null> | null = null;

  const look = async (): Promise<Known | null> => {
    const found = await findLeader(place, { known, mayAsk: rest.isOver });
    if (found?.way !== known?.way) {
      known?.way.close();
    }
    known = found;
    lookedMs = performance.now();
    return found;
  };
  const near = (): Known | null => {
    if (known === null || known.stamp === null || !known.way.isOpen()) {
      return null;
    }
    const nowMs = performance.now();
    if (nowMs - lookedMs >= lookMs) {
      lookedMs = stillLeads(place, known) ? nowMs : Number.NEGATIVE_INFINITY;
    }
    return nowMs - lookedMs < lookMs ? known : null;
  };
  return {
    near,
    find: async () => {
      const atHand = near();
      if (atHand !== null) {
        return atHand;
      }
      looking ??= look().finally(() => {
        looking = null;
      });
      return looking;
    },
    close: () => {
      known?.way.close();
    },
  };
}

/** What follows from a leader that gave no answer. */
type Lost = (leader: Known, isFrozen: boolean) => void;

function createLost({ onFrozen, onLost }: LeaderPlace, rest: Rest): Lost {
  return ({ way, stamp }, isFrozen) => {
    rest.begin(way.process);
    if (isFrozen) {
      onFrozen(way.process);
    }
    if (stamp !== null) {
      onLost();
    }
  };
}

/** Which leader is left alone for a moment. */
interface Rest {
  begin(leader: NamedProcess): void;
  /** True for a leader that may be asked. */
  isOver(this: void, leader: NamedProcess): boolean;
}

function createRest(): Rest {
  let resting = { name: "", untilMs: 0 };
  return {
    begin: (leader) => {
      resting = { name: nameOf(leader), untilMs: performance.now() + restMs };
    },
    isOver: (leader) => nameOf(leader) !== resting.name || performance.now() >= resting.untilMs,
  };
}

function nameOf({ pid, startedAt }: NamedProcess): string {
  return `${String(pid)}@${startedAt}`;
}

interface Looking {
  readonly known: Known | null;
  mayAsk(this: void, leader: NamedProcess): boolean;
}

/** A server that people started goes first: it stays. */
async function findLeader(place: LeaderPlace, looking: Looking): Promise<Known | null> {
  return findServer(place, looking) ?? (await findElected(place, looking));
}

function findServer(place: LeaderPlace, { known, mayAsk }: Looking): Known | null {
  const server = readLocalServer(serverFile(place));
  if (server === null || !isUsable(server, place, mayAsk)) {
    return null;
  }
  const name = `${nameOf(server)} ${server.url}`;
  return known?.name === name ? known : { name, stamp: null, way: wayToServer(server, place.env) };
}

async function findElected(place: LeaderPlace, { known, mayAsk }: Looking): Promise<Known | null> {
  const file = seatFile(place.storeDir);
  const stamp = seatStamp(file);
  const seat = readSeat(file);
  if (seat === null || seat.pid === process.pid || !isUsable(seat, place, mayAsk)) {
    return null;
  }
  const name = `${nameOf(seat)} ${seat.socket}`;
  if (known?.name === name && known.way.isOpen()) {
    return { ...known, stamp };
  }
  const way = await wayToSeat(seat).catch(() => null);
  return way === null ? null : { name, stamp, way };
}

/** True while nothing was said of another: whoever was elected is connected, and no server has come. */
function stillLeads(place: LeaderPlace, { stamp }: Known): boolean {
  const isServed = statSync(serverFile(place), { throwIfNoEntry: false }) !== undefined;
  return !isServed && seatStamp(seatFile(place.storeDir)) === stamp;
}

function serverFile({ storeDir }: LeaderPlace): string {
  return join(storeDir, "serve.json");
}

function isUsable(
  leader: NamedProcess & Pick<LocalServer, "version" | "store">,
  { version, storeDir }: LeaderPlace,
  mayAsk: Looking["mayAsk"],
): boolean {
  const isOurs = leader.version === version && leader.store === databaseOf(storeDir);
  return isOurs && mayAsk(leader) && stateOf(leader) === "running";
}
