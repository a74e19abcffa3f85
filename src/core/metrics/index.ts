export {
  createDistribution,
  distributionOf,
  emptyDistribution,
  meanOf,
  mergeDistributions,
  percentileOf,
  relativeError,
} from "./distribution.ts";
export type { Distribution } from "./distribution.ts";
export { parallelEfficiency } from "./efficiency.ts";
export type { Stretch } from "./efficiency.ts";
export { familiesText, gauge, histogramsOf, histogramsText } from "./exposition.ts";
export type { Family, FamilyValue, Histogram, HistogramSeries } from "./exposition.ts";
export { decideKpi } from "./kpi.ts";
export type { Kpi, KpiName, KpiState, KpiTarget, KpiUnit } from "./kpi.ts";
export { decideKpis } from "./measures.ts";
export type { KpiFacts } from "./measures.ts";
export { createMeter } from "./meter.ts";
export type { HoldingMeter, Meter, ProcessFigures, Sample } from "./meter.ts";
export { metricSpecs } from "./metric.ts";
export type { Labels, MetricName, MetricUnit } from "./metric.ts";
export { createMetrics, usualKeepMs } from "./metrics.ts";
export type { MetricHour, Metrics, MetricSeries } from "./metrics.ts";
export { meterStore } from "./metered-store.ts";
export { prometheusText } from "./prometheus-text.ts";
export type { WholeSeries } from "./prometheus-text.ts";
export { createRecorder } from "./recorder.ts";
export type { Recorder } from "./recorder.ts";
export { metricsMigration } from "./tables.ts";
export { trendOf } from "./trend.ts";
export type { Span } from "./trend.ts";
