import type { Caller } from "../../src/core/dispatch/index.ts";

/** An agent that has not joined yet. */
export const ada: Caller = {
  handle: null,
  externalId: "claude:ada",
  parentExternalId: null,
  process: null,
  client: "claude-code",
  gitDir: null,
  branch: null,
  name: "ada",
  role: null,
  skills: null,
};
