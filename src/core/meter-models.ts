import type { Meter } from "./metrics/index.ts";
import type { OnModelEvent } from "./models/index.ts";

/** Measures what the policies around models tell, and passes it on: the bridge between two nouns that do not know each other. */
export function meterModels(meter: Meter, onEvent: OnModelEvent = () => undefined): OnModelEvent {
  return (event) => {
    if (event.kind === "called") {
      const { provider, name: model } = event.request.model;
      const labels = { provider, model, outcome: event.fault ?? "ok" };
      meter.note("model_call", labels, event.tookMs * 1_000);
    } else if (event.kind === "waited") {
      const { provider } = event.request.model;
      meter.note("model_wait", { provider }, event.waitedMs * 1_000);
    }
    onEvent(event);
  };
}
