import { describe, expect, test } from "vitest";
import { callerOf } from "../../src/mcp/caller.ts";
import type { CallerFacts, Surroundings } from "../../src/mcp/caller.ts";
import type { ProcessStamp } from "../../src/core/sessions/index.ts";

function stamp(pid: number): ProcessStamp {
  return { host: "laptop", bootId: "b", namespace: "", pid, startedAt: "1" };
}

const around: Surroundings = {
  env: {},
  connection: "c1",
  self: stamp(1),
  host: stamp(2),
  gitDir: "/r/.git",
  branch: () => "main",
};

function facts(odd: Partial<CallerFacts> & { readonly env?: Surroundings["env"] }): CallerFacts {
  const { env = {}, ...rest } = odd;
  return { input: {}, meta: undefined, client: null, surroundings: { ...around, env }, ...rest };
}

const everything = {
  CLAUDE_CODE_SESSION_ID: "uuid-1",
  SKEIN_EXTERNAL_ID: "demo:1",
  SKEIN_SESSION: "s1_env",
};

describe("callerOf", () => {
  test("believes the session argument before anything else", () => {
    const caller = callerOf(
      facts({ input: { session: "s1_arg" }, meta: { sessionId: "m" }, env: everything }),
    );

    expect(caller).toMatchObject({ handle: "s1_arg", externalId: null });
  });

  test("believes the host's id in _meta before the environment", () => {
    const caller = callerOf(
      facts({
        meta: { sessionId: "m1", threadId: "m1" },
        client: "codex-mcp-client",
        env: everything,
      }),
    );

    expect(caller).toMatchObject({ handle: null, externalId: "codex:m1", parentExternalId: null });
  });

  test("tells a thread of its own from the session it belongs to", () => {
    const caller = callerOf(facts({ meta: { sessionId: "m1", threadId: "t2" }, client: "codex" }));

    expect(caller).toMatchObject({ externalId: "codex:m1:t2", parentExternalId: "codex:m1" });
  });

  test.each([
    { env: everything, handle: "s1_env", externalId: null },
    { env: { ...everything, SKEIN_SESSION: "" }, handle: null, externalId: "demo:1" },
    { env: { CLAUDE_CODE_SESSION_ID: "uuid-1" }, handle: null, externalId: "claude:uuid-1" },
    { env: { CLAUDE_CODE_SESSION_ID: "a b\n" }, handle: null, externalId: "mcp:c1" },
    { env: {}, handle: null, externalId: "mcp:c1" },
  ])("finds $externalId $handle in the environment", ({ env, handle, externalId }) => {
    expect(callerOf(facts({ env }))).toMatchObject({ handle, externalId });
  });

  test.each([
    { meta: { sessionId: 5 } },
    { meta: { sessionId: "a".repeat(200) } },
    { meta: { sessionId: "x y" } },
    { meta: "text" },
    { meta: { sessionId: { toString: "x" } } },
  ])("takes $meta for no identity", ({ meta }) => {
    expect(callerOf(facts({ meta }))).toMatchObject({ externalId: "mcp:c1" });
  });

  test("lives as long as the host where the host says who calls, else as long as this process", () => {
    const hosted = callerOf(facts({ env: { CLAUDE_CODE_SESSION_ID: "u" } }));
    const given = callerOf(
      facts({ input: { session: "s1_x" }, env: { CLAUDE_CODE_SESSION_ID: "u" } }),
    );
    const alone = callerOf(facts({}));

    expect([hosted.process?.pid, given.process?.pid, alone.process?.pid]).toEqual([2, 2, 1]);
  });
});
