import type { Reply } from "./replies.ts";
import { errorBody } from "./replies.ts";
import { secondaryLimit } from "./limits.ts";
import type { Json } from "./json.ts";

/** Which calls a fault meets; all that is said must fit. */
export interface FaultTarget {
  readonly method?: string | undefined;
  /** A part of the path, or a pattern: `/issues/1/comments`. `/graphql` for GraphQL. */
  readonly path?: string | RegExp | undefined;
  /** How many fitting calls pass before it strikes. Default 0. */
  readonly after?: number | undefined;
  /** How many fitting calls it strikes. Default 1. */
  readonly times?: number | undefined;
}

export type FaultKind =
  /** Answers a status without doing anything; the body is an error of GitHub's unless one is given. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly body?: Json | undefined;
      readonly headers?: Readonly<Record<string, string>> | undefined;
    }
  /** A secondary limit, with `retry-after` unless it is null. Default 403 and 60 seconds. */
  | {
      readonly kind: "secondary-limit";
      readonly status?: 403 | 429 | undefined;
      readonly retryAfterSeconds?: number | null | undefined;
    }
  /** Cuts the connection before anything is done. */
  | { readonly kind: "reset" }
  /** Does what was asked and cuts the connection before the answer. */
  | { readonly kind: "lost-answer" }
  /** Never answers. */
  | { readonly kind: "hang" };

export type Fault = FaultTarget & FaultKind;

export interface FaultBox {
  /** Plans a fault. Faults are asked in the order in which they came. */
  add(fault: Fault): void;
  /** Takes all planned faults back. */
  clear(): void;
  /** The fault that strikes a call, null for none; counts the call. */
  strike(method: string, path: string): Fault | null;
}

export function createFaultBox(): FaultBox {
  const planned: { readonly fault: Fault; seen: number }[] = [];
  return {
    add: (fault) => {
      planned.push({ fault, seen: 0 });
    },
    clear: () => {
      planned.length = 0;
    },
    strike: (method, path) => {
      for (const entry of planned) {
        if (fits(entry.fault, method, path)) {
          entry.seen += 1;
          const { after = 0, times = 1 } = entry.fault;
          if (entry.seen > after && entry.seen <= after + times) {
            return entry.fault;
          }
        }
      }
      return null;
    },
  };
}

/** What a fault answers; null where it answers nothing. */
export function faultReply(fault: Fault): Reply | null {
  switch (fault.kind) {
    case "status": {
      const { status, headers, body = errorBody(status, "Server Error") } = fault;
      return { status, body, headers };
    }
    case "secondary-limit": {
      const { status = 403, retryAfterSeconds = 60 } = fault;
      return secondaryLimit(status, retryAfterSeconds);
    }
    case "reset":
    case "lost-answer":
    case "hang":
      return null;
  }
}

function fits(target: FaultTarget, method: string, path: string): boolean {
  const isMethod = target.method === undefined || target.method === method;
  const isPath =
    target.path === undefined ||
    (typeof target.path === "string" ? path.includes(target.path) : target.path.test(path));
  return isMethod && isPath;
}
