import { afterEach, expect, test } from "vitest";
import { openProject } from "../../src/compose.ts";
import type { OpenProject } from "../../src/compose.ts";
import { aCaller } from "../support/coordination.ts";
import { createCoordinatedRepository, plainEnv } from "../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../support/coordinated-repository.ts";

let repository: CoordinatedRepository | null = null;
let project: OpenProject | null = null;
afterEach(async () => {
  await project?.skein.close();
  await repository?.remove();
});

test("a process that runs for long gives leases for the time that skein.yml says now", async () => {
  repository = await createCoordinatedRepository();
  const said: string[] = [];
  const hearers: (() => void)[] = [];
  const changed = new Promise<void>((resolve) => {
    hearers.push(resolve);
  });
  const follow = {
    log: (line: string) => {
      said.push(line);
      hearers.forEach((hear) => {
        hear();
      });
    },
  };
  project = await openProject({ cwd: repository.root, env: plainEnv, follow });
  const claim = async (paths: readonly string[]): Promise<number | undefined> => {
    const outcome = await project?.skein.dispatch.claimFiles({
      caller: aCaller("ada"),
      paths,
      mode: "exclusive",
      durationMs: null,
      reason: "to try",
      waitMs: 0,
      origin: "files",
      key: null,
      signal: null,
    });
    return outcome?.leases[0]?.durationMs;
  };

  const before = await claim(["src/a.ts"]);
  repository.write("skein.yml", "leases: { minutes: 7 }\n");
  await changed;
  const after = await claim(["src/b.ts"]);

  expect([before, after]).toEqual([1_800_000, 420_000]);
  expect(said).toEqual(["skein.yml was read anew. Now: leases.minutes."]);
});
