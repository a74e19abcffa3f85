/** What is measured while a process runs. Times are whole microseconds. */
export const metricSpecs = {
  /** One try at a model, from leaving to its end; by provider, model and outcome (`ok`, or the fault). */
  model_call: { unit: "us", isRider: false },
  /** How long a call stood in line for a rate limit of ours, where it had to; by provider. */
  model_wait: { unit: "us", isRider: false },
  /** One call of a tool, from its arrival to its answer; by tool and outcome. */
  tool_call: { unit: "us", isRider: false },
  /** One write to the store, from the wait for its turn to its commit; by outcome. */
  store_write: { unit: "us", isRider: true },
  /** The memory of the process, looked at once a flush. */
  process_memory: { unit: "bytes", isRider: true },
} as const satisfies Readonly<Record<string, MetricSpec>>;

export type MetricName = keyof typeof metricSpecs;

export type MetricUnit = "us" | "bytes";

export interface MetricSpec {
  readonly unit: MetricUnit;
  /** True: it is written with others and never a reason to write, so that a write that is measured causes no further one. */
  readonly isRider: boolean;
}

/** What tells the series of one metric apart. Only names that the code or the settings hold: no ids, paths or texts of others. */
export type Labels = Readonly<Record<string, string>>;

export function isMetricName(text: string): text is MetricName {
  return Object.hasOwn(metricSpecs, text);
}

/** Labels as they are stored: one text for the same labels, in whatever order they were given. */
export function labelsText(labels: Labels): string {
  const entries = Object.entries(labels).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify(Object.fromEntries(entries));
}

/** Reads stored labels; what is no object of texts counts as none. */
export function labelsOf(text: string): Labels {
  const parsed = parseOrNull(text);
  if (typeof parsed !== "object" || parsed === null) {
    return {};
  }
  const entries = Object.entries(parsed).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return Object.fromEntries(entries);
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
