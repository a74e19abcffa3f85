import { expect, test } from "vitest";
import { openProjectServer } from "../../src/compose-projects.ts";
import { createFaults } from "../../src/http/faults.ts";
import { createLiveProjects } from "../../src/http/live-projects.ts";
import { createMcpFace } from "../../src/mcp/index.ts";
import { createCoordinatedRepository, plainEnv } from "../support/coordinated-repository.ts";

test("a project whose streams cannot be ended keeps no store open", async () => {
  const repository = await createCoordinatedRepository();
  const projects = await openProjectServer({ cwd: repository.root, env: plainEnv });
  let isClosed = false;
  const live = createLiveProjects({
    projects: {
      ...projects,
      close: async () => {
        isClosed = true;
        await projects.close();
      },
    },
    env: plainEnv,
    version: "0.0.0",
    faults: createFaults(() => undefined),
    hurry: new AbortController().signal,
    createFace: (watcher) => ({
      ...createMcpFace(watcher),
      close: async () => Promise.reject(new Error("a stream is stuck")),
    }),
  });
  await live.get("local");

  await expect(live.close()).rejects.toThrow("a stream is stuck");

  expect(isClosed).toBe(true);
  await repository.remove();
});
