import { answerHookOver } from "./hooks-route.ts";
import { runCommand } from "./commands-route.ts";
import { streamEvents } from "./events-route.ts";
import { tellLedger } from "./ledger-route.ts";
import { serveMcp } from "./mcp-route.ts";
import { describeApi } from "./openapi-route.ts";
import { callToolOver } from "./tools-route.ts";
import type { Handle } from "./visit.ts";

/** A door of a project. */
export interface Route {
  /** Its name in the table of permissions is `route:` and this. */
  readonly name: string;
  readonly methods: readonly string[];
  /** Under the project's base; `*` stands for one part, which the handler is given. */
  readonly path: string;
  readonly handle: Handle;
}

/** Every door of a project. What belongs to the whole server is in `router.ts`. */
export const routes: readonly Route[] = [
  { name: "mcp", methods: ["POST", "GET", "DELETE"], path: "mcp", handle: serveMcp },
  { name: "commands", methods: ["POST"], path: "api/v1/commands", handle: runCommand },
  { name: "events", methods: ["GET"], path: "api/v1/events", handle: streamEvents },
  { name: "ledger", methods: ["GET"], path: "api/v1/ledger", handle: tellLedger },
  { name: "openapi", methods: ["GET"], path: "api/v1/openapi.json", handle: describeApi },
  { name: "tools", methods: ["POST"], path: "api/v1/tools/*", handle: callToolOver },
  { name: "hooks", methods: ["POST"], path: "api/v1/hooks/*", handle: answerHookOver },
];

/** A request's path, taken apart. */
export interface Target {
  /** Null where the path names none. */
  readonly project: string | null;
  /** What is left behind the base. */
  readonly rest: string;
}

/** Takes `/p/NAME/rest` or `/rest` apart; null for what is no path of ours. */
export function parseTarget(path: string): Target | null {
  if (!path.startsWith("/") || path.includes("//")) {
    return null;
  }
  const [, name, rest] = /^\/p\/([^/]{1,300})\/(.+)$/u.exec(path) ?? [];
  if (name === undefined || rest === undefined) {
    return { project: null, rest: path.slice(1) };
  }
  try {
    return { project: decodeURIComponent(name), rest };
  } catch {
    return null;
  }
}

export interface Found {
  readonly route: Route;
  readonly name: string;
}

/** The door at a path, whatever the method. */
export function findRoute(rest: string): Found | null {
  for (const route of routes) {
    const prefix = route.path.endsWith("*") ? route.path.slice(0, -1) : null;
    if (prefix === null ? rest === route.path : rest.startsWith(prefix)) {
      const name = prefix === null ? "" : rest.slice(prefix.length);
      if (prefix === null || /^[\w-]{1,64}$/u.test(name)) {
        return { route, name };
      }
    }
  }
  return null;
}
