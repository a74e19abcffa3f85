import { isoTime } from "../../core/base/iso.ts";
import type { JsonObject } from "../../core/base/json.ts";
import { readKpis } from "../../core/index.ts";
import type { Kpi } from "../../core/metrics/index.ts";
import type { Answer, Call } from "../command.ts";
import { kpiTarget, kpiValue } from "../kpi-words.ts";
import { painter, tableLines } from "../output.ts";
import type { Painter } from "../output.ts";
import { withStore } from "../project.ts";
import { parseSince } from "../since.ts";

/** `skein kpi`: what was measured, held against its targets. It ends with 0 whatever it finds. */
export async function kpi(call: Call): Promise<Answer> {
  const since = call.options.text("since") ?? "7d";
  return withStore(call, async ({ skein }) =>
    skein.store.read(async (reader) => {
      const sinceMs = parseSince(since, reader.nowMs);
      const kpis = await readKpis(skein, reader, sinceMs);
      return {
        data: {
          since: isoTime(sinceMs),
          until: isoTime(reader.nowMs),
          kpis: kpis.map(kpiData),
        },
        lines: kpiLines(kpis, painter(call.globals.color)),
      };
    }),
  );
}

function kpiData(judged: Kpi): JsonObject {
  return {
    name: judged.name,
    title: judged.title,
    value: judged.value,
    unit: judged.unit,
    target: { bound: judged.bound, value: judged.target, to: judged.to },
    warn: judged.warn,
    critical: judged.critical,
    state: judged.state,
    on_target: judged.isOnTarget,
    samples: judged.samples,
    least_samples: judged.leastSamples,
    from: judged.basis,
  };
}

function kpiLines(kpis: readonly Kpi[], paint: Painter): readonly string[] {
  const rows = kpis.map((each) => [
    each.title,
    kpiValue(each),
    kpiTarget(each),
    each.state,
    String(each.samples),
  ]);
  const table = tableLines(["KPI", "VALUE", "TARGET", "STATE", "SAMPLES"], rows);
  const bad = kpis.filter(({ state }) => state === "warn" || state === "critical");
  return bad.length === 0
    ? [...table, "", "No KPI is beyond its limit."]
    : [
        ...table,
        "",
        paint.red("Beyond the limit:"),
        ...bad.map((each) => `  ${each.title} (${each.state}). ${each.basis}`),
      ];
}
