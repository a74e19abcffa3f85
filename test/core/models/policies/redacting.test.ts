import { describe, expect, test } from "vitest";

import { redacting } from "../../../../src/core/models/policies/redacting.ts";
import type { ModelEvent } from "../../../../src/core/models/policies/model-event.ts";
import { aRequest, scriptedModel } from "../../../support/models.ts";

const found = [{ kind: "key", count: 1 }];

describe("redacting", () => {
  test("sends every message without its secrets, and tells what was found", async () => {
    const port = scriptedModel();
    const events: ModelEvent[] = [];
    const redactor = {
      redact: (text: string) =>
        Promise.resolve({
          text: text.replaceAll("hunter2", "[redacted:key]"),
          found: text.includes("hunter2") ? found : [],
        }),
    };
    const messages = [
      { role: "system", text: "be kind" },
      { role: "user", text: "my key is hunter2" },
    ] as const;

    await redacting({ redactor, onEvent: (event) => events.push(event) })(port).generate(
      aRequest({ messages }),
    );

    expect(port.requests[0]?.messages).toEqual([
      { role: "system", text: "be kind" },
      { role: "user", text: "my key is [redacted:key]" },
    ]);
    expect(events).toMatchObject([{ kind: "redacted", found }]);
  });

  test("makes no call when the redactor fails", async () => {
    const port = scriptedModel();
    const redactor = { redact: () => Promise.reject(new Error("out of order")) };

    await expect(
      redacting({ redactor, onEvent: () => {} })(port).generate(aRequest()),
    ).rejects.toMatchObject({ fault: "redaction", wasSent: false });
    expect(port.requests).toEqual([]);
  });

  test("makes no call when the redactor throws where it should reject", async () => {
    const port = scriptedModel();
    const redactor = {
      redact: () => {
        throw new Error("out of order");
      },
    };

    await expect(
      redacting({ redactor, onEvent: () => {} })(port).generate(aRequest()),
    ).rejects.toMatchObject({ fault: "redaction" });
    expect(port.requests).toEqual([]);
  });
});
