import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { drains } from "../../src/http/drains.ts";

function aResponse(): ServerResponse {
  return new ServerResponse(new IncomingMessage(new Socket()));
}

describe("drains", () => {
  test("waits for nobody who has gone already", async () => {
    const response = aResponse();

    const hasRoom = await drains(response, { signal: AbortSignal.abort(), slowMs: 600_000 });

    expect(hasRoom).toBe(true);
    expect(response.listenerCount("drain")).toBe(0);
  });

  test("tells that a client took nothing for too long", async () => {
    const { signal } = new AbortController();

    expect(await drains(aResponse(), { signal, slowMs: 1 })).toBe(false);
  });
});
