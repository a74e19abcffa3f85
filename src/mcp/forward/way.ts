import type { CallToolResult } from "@modelcontextprotocol/server";
import type { Channel } from "../../adapters/leading/channel.ts";
import type { WireCaller } from "../../adapters/server/caller-headers.ts";
import type { NamedProcess } from "../../adapters/server/local-server.ts";
import type { UnknownRecord } from "../record.ts";

/** Whoever calls, with the root of its worktree, which is on this machine; null where there is none. */
export interface NearCaller extends WireCaller {
  readonly root: string | null;
}

/** A call of an agent of this process, on its way to whoever leads. */
export interface LeaderCall {
  readonly tool: string;
  readonly body: UnknownRecord;
  readonly caller: NearCaller;
  /** True for a call that may wait long for its answer. */
  readonly isWaiting: boolean;
  readonly signal: AbortSignal;
}

/** `lost`: nobody knows whether it was done, and it may be done again under the same key. */
export type WayAnswer =
  | { readonly kind: "answered"; readonly result: CallToolResult }
  | { readonly kind: "lost"; readonly isFrozen: boolean };

/** The same with the result as JSON. */
export type WayText =
  | { readonly kind: "answered"; readonly text: string }
  | { readonly kind: "lost"; readonly isFrozen: boolean };

/** Hands a line over; see `Channel`. */
export type HandLine = Channel["hand"];

/** The way to one process that leads. */
export interface Way {
  readonly process: NamedProcess;
  isOpen(): boolean;
  /** Never rejects for what the way is to blame for. @throws {SkeinError} what the call itself came to. */
  ask(call: LeaderCall): Promise<WayAnswer>;
  /** The same, never to be read here; null where answers come otherwise. */
  readonly askText: ((this: void, call: LeaderCall) => Promise<WayText>) | null;
  /** Hands a line over as it came; null where that is not possible. */
  readonly hand: HandLine | null;
  close(): void;
}
