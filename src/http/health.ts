import { monitorEventLoopDelay } from "node:perf_hooks";
import type { ServerResponse } from "node:http";
import { sendJson, sendText } from "./answers.ts";
import type { Principal } from "./gate/index.ts";
import type { LiveProject } from "./live-projects.ts";
import { createMetricsPage } from "./metrics-page.ts";
import type { ServerParts } from "./parts.ts";
import { withinWait } from "../adapters/process/within-wait.ts";

/** What a server says of its own health. */
export interface Health {
  /** The process answers: nothing else is looked at. */
  live(response: ServerResponse): void;
  /** It can work: it is not about to end, and the stores of its open projects answer. */
  ready(response: ServerResponse): Promise<void>;
  /** As `ready`, with what it does. */
  whole(response: ServerResponse): Promise<void>;
  /** What one principal may know: of the projects, only its own, unless it is the user of this machine. */
  metrics(response: ServerResponse, principal: Principal): Promise<void>;
  close(): void;
}

const rememberMs = 500;
/** Settings do not change by the minute, and are read from git. */
const rememberModelsMs = 60_000;

interface Readiness {
  readonly isReady: boolean;
  readonly checks: Readonly<Record<string, string>>;
}

export function createHealth(parts: ServerParts): Health {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const startedMs = performance.now();
  const look = createLook(parts);
  const models = createModelsLook(parts);
  const page = createMetricsPage(parts);
  const uptime = (): number => Math.round((performance.now() - startedMs) / 1_000);
  return {
    live: (response) => {
      sendJson(response, 200, { value: { status: "ok" } });
    },
    ready: async (response) => {
      const { isReady, checks } = await look();
      sendJson(response, isReady ? 200 : 503, { value: { status: wordOf(isReady), checks } });
    },
    whole: async (response) => {
      const { isReady, checks } = await look();
      const value = {
        status: wordOf(isReady),
        version: parts.version,
        uptime_seconds: uptime(),
        open_projects: parts.projects.open().length,
        checks,
        models: await models(),
        load: parts.lanes.load(),
      };
      sendJson(response, isReady ? 200 : 503, { value });
    },
    metrics: async (response, principal) => {
      const loopMs = delay.percentile(99) / 1e6;
      delay.reset();
      sendText(response, 200, {
        text: await page({ loopMs, uptimeSeconds: uptime() }, principal),
        headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
      });
    },
    close: () => {
      delay.disable();
    },
  };
}

/** `ok`, or the code of what keeps models from being asked: reviews and drafts of plans fail with it, and nothing else does. */
function createModelsLook({ projects }: ServerParts): () => Promise<string> {
  let last: { readonly atMs: number; readonly found: Promise<string> } | null = null;
  const find = async (): Promise<string> => (await projects.modelsFault()) ?? "ok";
  return async () => {
    if (last === null || performance.now() - last.atMs > rememberModelsMs) {
      last = { atMs: performance.now(), found: find() };
    }
    return last.found;
  };
}

/** Many ask, few need a fresh answer; the end of this process is known at once. */
function createLook(parts: ServerParts): () => Promise<Readiness> {
  let last: { readonly atMs: number; readonly found: Promise<Readiness> } | null = null;
  return async () => {
    if (last === null || performance.now() - last.atMs > rememberMs) {
      last = { atMs: performance.now(), found: checkStores(parts) };
    }
    const { isReady, checks } = await last.found;
    const isEnding = parts.draining.aborted;
    return {
      isReady: isReady && !isEnding,
      checks: { ...checks, ending: isEnding ? "yes" : "no" },
    };
  };
}

function wordOf(isReady: boolean): string {
  return isReady ? "ready" : "not ready";
}

/** One that nobody has rung or listened at was never tried. */
const busWords = { idle: "idle", well: "ok", down: "down" } as const;

/** The name of a project is not for everybody: checks are numbered in the order in which projects were opened. */
async function checkStores({ projects }: ServerParts): Promise<Readiness> {
  const open = projects.open();
  const found = await Promise.all(open.map(async (project) => storeAnswers(project)));
  const away = found.filter((answers) => !answers).length;
  return {
    isReady: away === 0,
    checks: {
      // Without it changes of other nodes are noticed later, and nothing else: it takes no node out of service.
      bus: busWords[projects.busHealth().state],
      store: away === 0 ? "ok" : `${String(away)} of ${String(open.length)} away`,
    },
  };
}

async function storeAnswers({ served }: LiveProject): Promise<boolean> {
  const { store } = served.skein;
  return (await withinWait(store.read(async (reader) => Promise.resolve(reader.nowMs)))) !== null;
}
