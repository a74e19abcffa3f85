import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { describeDelivery } from "../../../src/bot/app/describe.ts";
import { appEvents } from "../../../src/bot/app/manifest.ts";
import { parsePayload } from "../../../src/bot/payload.ts";
import { numberOf } from "../../../src/bot/event.ts";
import { parseLooseObject } from "../../../src/core/base/loose-object.ts";

interface Example {
  readonly name: string;
  readonly examples: readonly object[];
}

const examples: readonly Example[] = createRequire(import.meta.url)("@octokit/webhooks-examples");

const wanted = new Set<string>(appEvents);

const cases = examples.flatMap(({ name, examples: payloads }) =>
  payloads.map((payload, index) => ({ name, text: JSON.stringify(payload), index })),
);

describe("GitHub's own examples of events", () => {
  test("are many", () => {
    expect(cases.length).toBeGreaterThan(200);
    expect(new Set(cases.map(({ name }) => name)).size).toBeGreaterThan(40);
  });

  test.each(cases)(
    "$name $index goes to the lane that its handler knows it by",
    ({ name, text }) => {
      const payload = parseLooseObject(text) ?? {};

      const delivery = describeDelivery({ guid: "guid-0001", event: name, text, payload });

      expect(delivery.isIdle).toBe(!wanted.has(name) || delivery.repository === null);
      if (!delivery.isIdle) {
        const event = parsePayload(name, payload, null);
        const number = numberOf(event);
        const place = event.repository.fullName.toLowerCase();
        expect(delivery.repository).toBe(event.repository.fullName);
        expect(delivery.lane).toBe(number === null ? place : `${place}#${String(number)}`);
      }
    },
  );
});
