import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";

import { openProject } from "../../src/compose.ts";
import { reportSchema } from "../../src/core/review/index.ts";
import type { ReviewReport } from "../../src/core/review/index.ts";
import { removeRepositories } from "../adapters/git/repositories.ts";
import {
  callerNamed,
  createCoordinatedRepository,
  plainEnv,
} from "../support/coordinated-repository.ts";
import { next } from "../support/coordination.ts";
import { fail, startModelServer } from "../support/model-servers/index.ts";
import type { ModelServer, ModelServerOptions } from "../support/model-servers/index.ts";
import { aBranchToReview, reviewEnv, scriptedReviewer } from "../support/review-stand.ts";

const servers: ModelServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
afterAll(removeRepositories);

const finder = scriptedReviewer({ finds: true, invents: false });

async function serve(reply: ModelServerOptions["reply"]): Promise<ModelServer> {
  const server = await startModelServer({ reply });
  servers.push(server);
  return server;
}

/** One model of a family of its own at each server, named after it. */
function modelsAt(places: Readonly<Record<string, ModelServer>>, more = ""): string {
  const names = Object.entries(places);
  return [
    "providers:",
    ...names.map(
      ([name, { url }]) =>
        `  p-${name}: { kind: anthropic, base_url: "${url}", api_key: env:ANTHROPIC_TEST${more} }`,
    ),
    "models:",
    ...names.map(
      ([name]) =>
        `  ${name}: { provider: p-${name}, id: m-${name}, family: f-${name}, size: large, price: { input: 2, output: 10 } }`,
    ),
    "",
  ].join("\n");
}

async function reviewed(settings: string): Promise<ReviewReport> {
  const line = aBranchToReview(settings);
  const { out, err } = await line.skein("review --base main --json", { env: reviewEnv });
  if (out === "") {
    throw new Error(err);
  }
  return reportSchema.parse(JSON.parse(out));
}

/** `on` leaves the setting out: it is the default. */
function flag(name: string, is: "on" | "off"): string {
  return is === "on" ? "" : `features: { ${name}: false }\n`;
}

describe("features.failover", () => {
  test.each([
    ["on", [null, null], true],
    ["off", [expect.any(String), expect.any(String)], false],
  ] as const)("%s: a provider of the chain stands in, or none", async (is, errors, isAsked) => {
    const [shut, spare] = [await serve(() => fail(401)), await serve(finder)];
    const chain = "review: { panel: [shut, shut] }\nchains: { review: [p-shut, p-spare] }\n";
    const { seats } = await reviewed(modelsAt({ shut, spare }) + chain + flag("failover", is));

    expect(seats.map(({ error }) => error)).toEqual(errors);
    expect(spare.calls.length > 0).toBe(isAsked);
  });
});

describe("features.rate_queue", () => {
  test("off: a call over the rate fails at once, by name, and does not wait", async () => {
    const one = await serve(finder);
    const slow = modelsAt({ one }, ", requests_per_minute: 1");
    const { seats } = await reviewed(
      `${slow}review: { panel: [one, one] }\n${flag("rate_queue", "off")}`,
    );

    expect(seats.map(({ error }) => error).join(" ")).toContain("features.rate_queue");
    expect(one.calls).toHaveLength(1);
  });
});

describe("features.quick_fallback", () => {
  test.each([
    ["on", ["advisory"], true],
    ["off", [], false],
  ] as const)(
    "%s: of four seats with two that answer a quick review is made, or none",
    async (is, decisions, isTold) => {
      const [one, two, shut] = [
        await serve(finder),
        await serve(finder),
        await serve(() => fail(401)),
      ];
      const report = await reviewed(
        `${modelsAt({ one, two, shut })}review: { panel: [one, two, shut, shut] }\n${flag("quick_fallback", is)}`,
      );

      expect(report.verdict).toBe("incomplete");
      expect(report.findings.map((finding) => finding.decision)).toEqual(decisions);
      expect(report.notes.join(" ").includes("Too few seats for a vote")).toBe(isTold);
    },
  );
});

describe("features.sequential_fallback", () => {
  test.each([
    ["on", "A"],
    ["off", "ELOOP"],
  ] as const)(
    "%s: where choosing fails, one task is handed out, or the fault told",
    async (is, told) => {
      const repository = await createCoordinatedRepository();
      try {
        await repository.plan(
          "plan: demo\ntasks:\n  - { id: A, title: Do, files: [src/a.ts] }\n  - { id: B, title: Do, files: [loop/b.ts], priority: high }\n",
        );
        symlinkSync("loop", join(repository.root, "loop"));
        writeFileSync(join(repository.root, "skein.yml"), flag("sequential_fallback", is));
        const project = await openProject({ cwd: repository.root, env: plainEnv });
        const asked = project.skein.dispatch.nextTask(next(callerNamed("ada"))).then(
          ({ claim }) => claim?.task.id,
          (error: unknown) => (error instanceof Error ? String(error.cause) : ""),
        );

        expect(await asked).toContain(told);
        await project.skein.close();
      } finally {
        await repository.remove();
      }
    },
  );
});
