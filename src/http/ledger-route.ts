import { publisherOf } from "../adapters/process/publisher.ts";
import type { JsonObject } from "../core/base/json.ts";
import { ledgerText, readPublication } from "../core/rules/index.ts";
import { sendJson } from "./answers.ts";
import { inLane } from "./in-lane.ts";
import type { Visit } from "./visit.ts";

/** `GET api/v1/ledger`: who holds what at this moment and which fences count, in the form of a published ledger. */
export async function tellLedger(visit: Visit): Promise<void> {
  const { response, project } = visit;
  const { skein, settings, repository, storeDir } = project.served;
  const { caseInsensitive } = settings.leases;
  const publication = await inLane(visit, "read", async () =>
    readPublication(skein, {
      publisher: publisherOf(storeDir),
      repository: null,
      caseInsensitive:
        caseInsensitive === "auto" ? (repository?.ignoresCase ?? false) : caseInsensitive,
    }),
  );
  // By way of its text, which has a bound.
  const value: JsonObject = JSON.parse(ledgerText({ source: "live", publications: [publication] }));
  sendJson(response, 200, { value });
}
