import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createProjectSource } from "../../src/mcp/project-source.ts";
import { createCoordinatedRepository, plainEnv } from "../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../support/coordinated-repository.ts";

let repository: CoordinatedRepository;

beforeEach(async () => {
  repository = await createCoordinatedRepository();
});

afterEach(async () => {
  await repository.remove();
});

const openFiles = "/proc/self/fd";

/** How often this process has the store's database open. */
function timesOpen(): number {
  return readdirSync(openFiles).filter((descriptor) => {
    try {
      const file = readlinkSync(`${openFiles}/${descriptor}`);
      return file.startsWith(repository.root) && file.endsWith("skein.db");
    } catch {
      return false;
    }
  }).length;
}

describe("createProjectSource", () => {
  test.skipIf(!existsSync(openFiles))(
    "leaves no store open where the committed settings are wrong",
    async () => {
      repository.write("skein.yml", "budget_usd: [\n");
      repository.git(repository.root, "add", "skein.yml");
      repository.git(repository.root, "commit", "-qm", "wrong");
      repository.write("skein.yml", "budget_usd: 5\n");
      const source = createProjectSource({
        cwd: repository.root,
        env: plainEnv,
        log: () => undefined,
      });
      // SQLite keeps what it closes for as long as another connection of the process has locks.
      await repository.project.skein.close();

      await expect(source.open()).rejects.toMatchObject({ code: "SKN-2001" });
      await expect(source.open()).rejects.toMatchObject({ code: "SKN-2001" });

      expect(timesOpen()).toBe(0);
      await source.close();
    },
  );
});
