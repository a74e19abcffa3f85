import { describe, expect, test } from "vitest";
import { createTokens } from "../../../../src/core/models/index.ts";
import type { ModelFault } from "../../../../src/core/models/index.ts";
import { callModel } from "../../../../src/core/review/swarm/call.ts";
import { aRequest, failure, scriptedModel } from "../../../support/models.ts";

describe("callModel", () => {
  test.each<readonly [ModelFault, boolean, number]>([
    ["overloaded", true, 100],
    ["timeout", true, 100],
    ["aborted", true, 100],
    ["rate_limited", true, 0],
    ["auth", true, 0],
    ["aborted", false, 0],
  ])(
    "counts a call that ended with %s (sent: %s) as the ledger does",
    async (fault, wasSent, out) => {
      const model = scriptedModel(() => {
        throw failure(fault, { wasSent });
      });
      const deps = { model, tokens: createTokens(), costOf: () => 7 };

      expect(await callModel(deps, aRequest())).toMatchObject({
        generation: null,
        failure: { fault },
        outputTokens: out,
        microUsd: out === 0 ? 0 : 7,
      });
    },
  );
});
