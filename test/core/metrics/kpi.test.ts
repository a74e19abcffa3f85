import { describe, expect, test } from "vitest";
import {
  decideKpi,
  decideKpis,
  distributionOf,
  emptyDistribution,
} from "../../../src/core/metrics/index.ts";
import type { KpiFacts, KpiName, MetricSeries } from "../../../src/core/metrics/index.ts";

function aSeries(
  name: MetricSeries["name"],
  labels: MetricSeries["labels"],
  values: readonly number[],
): MetricSeries {
  const whole = distributionOf(values);
  return { name, labels, whole, hours: [{ hourMs: 0, distribution: whole }] };
}

function someFacts(odd: Partial<KpiFacts> = {}): KpiFacts {
  return {
    series: [],
    steps: emptyDistribution,
    efficiency: null,
    workers: 0,
    agreements: [],
    done: 0,
    undone: 0,
    ...odd,
  };
}

function stateOf(name: KpiName, value: number): string {
  return decideKpi(name, { value, samples: 1_000 }).state;
}

describe("decideKpi", () => {
  test.each([
    ["step_time_mean", 30, "ok"],
    ["step_time_mean", 30.1, "warn"],
    ["step_time_p95", 60, "ok"],
    ["step_time_p95", 60.1, "warn"],
    ["parallel_efficiency", 50, "ok"],
    ["parallel_efficiency", 49.9, "warn"],
    ["consensus_quality", 70, "ok"],
    ["consensus_quality", 69.9, "warn"],
    ["plan_completion", 90, "ok"],
    ["plan_completion", 89.9, "warn"],
    ["plan_completion", 70, "warn"],
    ["plan_completion", 69.9, "critical"],
    ["api_success", 95, "ok"],
    ["api_success", 94.9, "warn"],
    ["api_success", 85, "warn"],
    ["api_success", 84.9, "critical"],
    ["api_latency", 5, "ok"],
    ["api_latency", 5.1, "warn"],
    ["rate_limit_hits", 5, "ok"],
    ["rate_limit_hits", 5.1, "warn"],
    ["rate_limit_hits", 20, "warn"],
    ["rate_limit_hits", 20.1, "critical"],
    ["memory", 2.5e9, "ok"],
    ["memory", 2.51e9, "warn"],
    ["memory", 3e9, "warn"],
    ["memory", 3.01e9, "critical"],
    ["pool_use", 90, "ok"],
    ["pool_use", 90.1, "warn"],
  ] as const)("calls %s of %s %s", (name, value, state) => {
    expect(stateOf(name, value)).toBe(state);
  });

  test.each([
    ["parallel_efficiency", 69.9, 70],
    ["consensus_quality", 79.9, 80],
    ["pool_use", 59.9, 60],
    ["pool_use", 80.1, 80],
  ] as const)(
    "of %s tells a missed target, %s, from an alert; %s meets it",
    (name, missed, met) => {
      const [short, enough] = [missed, met].map((value) => decideKpi(name, { value, samples: 4 }));

      expect(short).toMatchObject({ state: "ok", isOnTarget: false });
      expect(enough).toMatchObject({ state: "ok", isOnTarget: true });
    },
  );

  test("judges no share of four things, and shows it all the same", () => {
    const few = decideKpi("api_success", { value: 0, samples: 4 });

    expect(few).toMatchObject({ state: "no-data", value: 0, isOnTarget: null });
    expect(decideKpi("api_success", { value: 0, samples: 5 }).state).toBe("critical");
  });
});

describe("decideKpis", () => {
  test("has no data where nothing was measured, the pool that does not exist among it", () => {
    const kpis = decideKpis(someFacts());

    expect(kpis).toHaveLength(10);
    expect(kpis.every(({ state, value }) => state === "no-data" && value === null)).toBe(true);
  });

  test("computes each from its facts", () => {
    const kpis = decideKpis(
      someFacts({
        series: [
          aSeries("model_call", { outcome: "ok", model: "a" }, [2_000_000, 4_000_000]),
          aSeries("model_call", { outcome: "ok", model: "b" }, [6_000_000]),
          aSeries("model_call", { outcome: "rate_limited" }, [10_000]),
          aSeries("model_call", { outcome: "timeout" }, [30_000_000]),
          aSeries("model_call", { outcome: "aborted" }, [1, 1, 1, 1, 1]),
          aSeries("process_memory", {}, [100_000_000, 900_000_000]),
        ],
        steps: distributionOf([10_000, 20_000, 60_000]),
        efficiency: 0.75,
        workers: 3,
        agreements: [1, 0.6],
        done: 9,
        undone: 1,
      }),
    );
    const values = Object.fromEntries(
      kpis.map(({ name, value, samples }) => [name, [value, samples]]),
    );

    expect(values).toEqual({
      step_time_mean: [30, 3],
      step_time_p95: [60, 3],
      parallel_efficiency: [75, 3],
      consensus_quality: [80, 2],
      plan_completion: [90, 10],
      api_success: [60, 5],
      api_latency: [4, 3],
      rate_limit_hits: [20, 5],
      memory: [900_000_000, 2],
      pool_use: [null, 0],
    });
  });

  test("takes the p95 of the steps: five of a hundred may be slower", () => {
    const [quick, slow, slowest] = [10_000, 50_000, 90_000];
    const hundred = [...many(90, quick), ...many(6, slow), ...many(4, slowest)];
    const kpis = decideKpis(someFacts({ steps: distributionOf(hundred) }));
    const p95 = kpis.find(({ name }) => name === "step_time_p95")?.value ?? 0;

    // A percentile of a distribution errs by 2.2 % at most.
    expect(Math.abs(p95 - 50)).toBeLessThan(1.2);
  });
});

function many(times: number, value: number): readonly number[] {
  return Array.from({ length: times }, () => value);
}
