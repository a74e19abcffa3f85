import { mergeFamilies, readGauges, refusalGauge } from "../core/index.ts";
import { familiesText, gauge, histogramsOf, histogramsText } from "../core/metrics/index.ts";
import type { Family, Labels, ProcessFigures } from "../core/metrics/index.ts";
import { createChainWatch } from "./chain-watch.ts";
import type { Principal } from "./gate/index.ts";
import type { LiveProject } from "./live-projects.ts";
import { backupGauge } from "./newest-backup.ts";
import type { ServerParts } from "./parts.ts";
import { remembering } from "./remembering.ts";
import { withinWait } from "../adapters/process/within-wait.ts";

/** What only the running process knows of itself. */
export interface ProcessFacts {
  /** How late its timers were, at the 99th percentile since the last time. */
  readonly loopMs: number;
  readonly uptimeSeconds: number;
}

/**
 * Makes the page `/metrics`: what this process measures since it began, and the state of each project that is open in it. Nodes that serve
 * one project tell the same of its state. Of projects it shows the asker's own, and all to the user of this machine.
 */
export function createMetricsPage(
  parts: ServerParts,
): (facts: ProcessFacts, asker: Principal) => Promise<string> {
  const chain = createChainWatch();
  const tellAgain = remembering(async (project: LiveProject) => tell(project, chain), {
    forMs: rememberMs,
  });
  return async (facts, { kind, project: own }) => {
    const open = parts.projects
      .open()
      .filter(({ served }) => kind === "loopback" || served.name === own);
    const told = await Promise.all(open.map(async (project) => tellAgain(project)));
    const families = [
      ...processFamilies(parts, facts),
      ...(await backupGauge(parts.backupDir)),
      ...mergeFamilies(told),
    ];
    return familiesText(families) + histogramsText(histograms(parts, told));
  };
}

interface Told {
  readonly labels: Labels;
  readonly families: readonly Family[];
  readonly figures: ProcessFigures;
}

/** For so long what was read of a project is told again, in milliseconds: whoever may read it may ask often, and each look counts what the store holds. */
const rememberMs = 500;

async function tell(
  { served }: LiveProject,
  chain: ReturnType<typeof createChainWatch>,
): Promise<Told> {
  const { skein, name } = served;
  const figures = skein.meter.life();
  const state = await withinWait(skein.store.read(async (reader) => readGauges(skein, reader)));
  return {
    labels: { project: name },
    figures,
    families: [
      gauge(
        "skein_store_up",
        "Whether the store of a project answers within 2 seconds.",
        state === null ? 0 : 1,
      ),
      ...(state ?? []),
      ...(state === null ? [] : await chain.look(name, skein)),
      refusalGauge(figures),
    ],
  };
}

function histograms({ traffic }: ServerParts, told: readonly Told[]) {
  return [
    {
      name: "skein_http_request_seconds",
      help: "Answered requests, by route and hundred of the status; streams count until they end.",
      scale: 1e-6,
      series: traffic.series(),
    },
    ...histogramsOf(told),
  ];
}

function processFamilies(
  { lanes, projects, draining, version }: ServerParts,
  { loopMs, uptimeSeconds }: ProcessFacts,
): readonly Family[] {
  const { running, sleeping, waiting, shed } = lanes.load();
  return [
    {
      ...gauge("skein_build_info", "The version that runs.", 1),
      values: [{ labels: { version }, value: 1 }],
    },
    gauge("skein_up", "1; 0 while the server ends.", draining.aborted ? 0 : 1),
    gauge(
      "skein_bus_up",
      "1; 0 while changes of other nodes are noticed by looking only.",
      projects.busHealth().state === "down" ? 0 : 1,
    ),
    gauge("skein_uptime_seconds", "How long this process has run.", uptimeSeconds),
    gauge("skein_open_projects", "Projects that are open in this process.", projects.open().length),
    gauge("skein_requests_running", "Requests at work.", running),
    gauge(
      "skein_requests_sleeping",
      "Requests that wait for an event, as for a free task.",
      sleeping,
    ),
    byLane("skein_requests_waiting", "Requests in line, by lane.", waiting),
    byLane(
      "skein_requests_line_ratio",
      "The most of a line that was taken at once since the last look, from 0 to 1, by lane.",
      lanes.fullest(),
    ),
    {
      ...byLane("skein_requests_shed_total", "Requests turned away with 429, by lane.", shed),
      type: "counter",
    },
    gauge(
      "skein_event_loop_delay_seconds",
      "How late timers were, p99 since the last look.",
      loopMs / 1_000,
    ),
    gauge("skein_resident_memory_bytes", "Memory of this process.", process.memoryUsage.rss()),
  ];
}

function byLane(name: string, help: string, counts: Readonly<Record<string, number>>): Family {
  const values = Object.entries(counts).map(([lane, value]) => ({ labels: { lane }, value }));
  return { name, type: "gauge", help, values };
}
