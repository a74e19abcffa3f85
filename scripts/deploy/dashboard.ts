/** One line of a panel. */
export interface Query {
  readonly expr: string;
  /** As Grafana's `{{label}}`; default the panel's title. */
  readonly legend?: string | undefined;
}

export interface Panel {
  readonly title: string;
  /** One sentence for people. */
  readonly about: string;
  readonly kind: "stat" | "timeseries" | "table" | "bargauge";
  readonly unit: "short" | "s" | "reqps" | "bytes" | "currencyUSD" | "percentunit" | "none";
  readonly queries: readonly Query[];
  /** Of 24. Default 8. */
  readonly width?: number | undefined;
  /** From where on the value is yellow, and red; downwards when the first is larger. */
  readonly limits?: readonly [yellow: number, red: number] | undefined;
}

export interface Dashboard {
  /** Stable: links and bookmarks hold it. */
  readonly uid: string;
  readonly title: string;
  readonly about: string;
  readonly panels: readonly Panel[];
}

const height = 8;
const source = { type: "prometheus", uid: "${source}" };

/** A dashboard as Grafana imports it: no ids of one installation, the data source and the project as variables. */
export function dashboardJson({ uid, title, about, panels }: Dashboard): string {
  const board = {
    uid,
    title,
    description: about,
    tags: ["skein"],
    editable: true,
    graphTooltip: 1,
    refresh: "30s",
    schemaVersion: 41,
    timezone: "browser",
    time: { from: "now-6h", to: "now" },
    templating: { list: [sourceVariable, projectVariable] },
    links: [
      {
        type: "dashboards",
        title: "Skein",
        tags: ["skein"],
        asDropdown: true,
        keepTime: true,
        includeVars: true,
      },
    ],
    annotations: { list: [] },
    panels: placed(panels).map(panelJson),
  };
  return `${JSON.stringify(board, null, 2)}\n`;
}

const sourceVariable = {
  name: "source",
  label: "Data source",
  type: "datasource",
  query: "prometheus",
  current: {},
  hide: 0,
};

const projectVariable = {
  name: "project",
  label: "Project",
  type: "query",
  datasource: source,
  query: { query: "label_values(skein_store_up, project)", refId: "projects" },
  refresh: 2,
  sort: 1,
  multi: true,
  includeAll: true,
  allValue: ".*",
  current: { text: "All", value: "$__all" },
};

interface Placed {
  readonly panel: Panel;
  readonly id: number;
  readonly x: number;
  readonly y: number;
}

/** From left to right, and on to the next row where one is full. */
function placed(panels: readonly Panel[]): readonly Placed[] {
  let [x, y] = [0, 0];
  return panels.map((panel, index) => {
    const { width = 8 } = panel;
    if (x + width > 24) {
      [x, y] = [0, y + height];
    }
    const place = { panel, id: index + 1, x, y };
    x += width;
    return place;
  });
}

function panelJson({ panel, id, x, y }: Placed): unknown {
  const { title, about, kind, unit, queries, width = 8, limits } = panel;
  return {
    id,
    type: kind,
    title,
    description: about,
    datasource: source,
    gridPos: { x, y, w: width, h: height },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCodePoint(65 + index),
      datasource: source,
      expr,
      legendFormat: legend ?? title,
      ...(kind === "table" ? { format: "table", instant: true } : {}),
    })),
    fieldConfig: {
      defaults: { unit, min: 0, ...(limits === undefined ? {} : { thresholds: steps(limits) }) },
      overrides: [],
    },
    options: optionsOf(kind),
  };
}

function steps([yellow, red]: readonly [number, number]): unknown {
  const isDownwards = yellow > red;
  return {
    mode: "absolute",
    steps: isDownwards
      ? [
          { color: "red", value: null },
          { color: "yellow", value: red },
          { color: "green", value: yellow },
        ]
      : [
          { color: "green", value: null },
          { color: "yellow", value: yellow },
          { color: "red", value: red },
        ],
  };
}

function optionsOf(kind: Panel["kind"]): unknown {
  const calcs = { calcs: ["lastNotNull"], fields: "", values: false };
  switch (kind) {
    case "stat":
      return { reduceOptions: calcs, colorMode: "background", graphMode: "area" };
    case "bargauge":
      return { reduceOptions: calcs, displayMode: "gradient", orientation: "horizontal" };
    case "timeseries":
      return { legend: { displayMode: "list", placement: "bottom" }, tooltip: { mode: "multi" } };
    case "table":
      return { showHeader: true };
    default:
      return kind satisfies never;
  }
}
