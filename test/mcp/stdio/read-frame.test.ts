import { isJSONRPCRequest } from "@modelcontextprotocol/server";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readFrame } from "../../../src/mcp/stdio/read-frame.ts";
import { proofRun } from "../../support/proof.ts";

const { count, seed } = proofRun("R17", 20_000, 17);

const odd = fc.oneof(fc.string(), fc.double(), fc.integer(), fc.constantFrom(null, true, [], {}));
const meta = fc.dictionary(
  fc.constantFrom("progressToken", "io.modelcontextprotocol/related-task", "threadId", "x"),
  fc.oneof(odd, fc.constant({ taskId: "t" })),
);
const params = fc.oneof(
  odd,
  fc.record({ name: odd, _meta: fc.oneof(meta, odd) }, { requiredKeys: [] }),
);
const right = {
  jsonrpc: fc.constant("2.0"),
  id: fc.oneof(fc.nat(), fc.string()),
  method: fc.constantFrom("tools/call", "ping"),
};
const request = fc.oneof(
  fc.record({ ...right, params }, { requiredKeys: ["jsonrpc", "id", "method"] }),
  fc.record({ ...right, id: odd, params, more: odd }, { requiredKeys: [] }),
  fc.record({ ...right, jsonrpc: odd, method: odd }, { requiredKeys: [] }),
);

describe("readFrame", () => {
  test("lets through as a request exactly what the SDK's schema takes for one", () => {
    let requests = 0;
    fc.assert(
      fc.property(request, (value) => {
        const text = JSON.stringify(value);
        const parsed: unknown = JSON.parse(text);
        const frame = readFrame(new TextEncoder().encode(text));
        const isRequest =
          frame?.kind === "message" && "method" in frame.message && "id" in frame.message;
        requests += Number(isRequest);
        expect(isRequest).toBe(isJSONRPCRequest(parsed));
      }),
      { numRuns: count, seed },
    );
    expect(requests).toBeGreaterThan(count / 10);
  });
});
