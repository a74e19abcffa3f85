import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { findPublisher } from "../../src/adapters/process/publisher.ts";
import { needRepository, storeDirOf } from "../../src/compose.ts";
import { parseLedger } from "../../src/core/rules/index.ts";
import { createHttpStand } from "../support/http-stand.ts";
import type { HttpStand } from "../support/http-stand.ts";

let stand: HttpStand;

beforeAll(async () => {
  stand = await createHttpStand();
});

afterAll(async () => {
  await stand.close();
});

describe("GET api/v1/ledger", () => {
  test("tells who holds what at this moment, in the form of a published ledger", async () => {
    const before = parseLedger((await stand.ask("api/v1/ledger")).text);
    await stand.call("claim_files", { paths: ["src/pay.ts"], reason: "mending the sum" });
    const after = parseLedger((await stand.ask("api/v1/ledger")).text);

    expect(before.publications).toMatchObject([{ leases: [], tasks: [], omitted: 0 }]);
    expect(after.publications).toMatchObject([
      {
        leases: [
          {
            patterns: [{ kind: "literal", text: "src/pay.ts" }],
            mode: "exclusive",
            reason: "mending the sum",
          },
        ],
      },
    ]);
  });

  test("speaks under the name of the clone, so that marks of its commits mean its sessions", async () => {
    const { publications } = parseLedger((await stand.ask("api/v1/ledger")).text);

    const storeDir = storeDirOf(needRepository(stand.repository.root));
    expect(publications[0]?.publisher).toBe(findPublisher(storeDir));
  });

  test("is for those who are known", async () => {
    const answer = await stand.ask("api/v1/ledger", { headers: { authorization: "Bearer wrong" } });

    expect(answer.status).toBe(401);
    expect(answer.text).not.toContain("publications");
  });
});
