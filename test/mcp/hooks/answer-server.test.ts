import { chmodSync, statSync } from "node:fs";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SkeinError } from "../../../src/core/base/errors.ts";
import type { ErrorEntry } from "../../../src/core/base/errors.ts";
import { storeErrors } from "../../../src/core/store/index.ts";
import { askServers } from "../../../src/mcp/hooks/answer-client.ts";
import { startAnswerServer } from "../../../src/mcp/hooks/answer-server.ts";
import type { AnswerServer } from "../../../src/mcp/hooks/answer-server.ts";
import { answerFolder } from "../../../src/adapters/bus/answer-place.ts";
import { runHook } from "../../../src/mcp/hooks/run-hook.ts";
import { createCoordinatedRepository, plainEnv } from "../../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../../support/coordinated-repository.ts";
import { claudeEdit } from "./hook-runner.ts";

let repository: CoordinatedRepository;
let server: AnswerServer | null;

beforeEach(async () => {
  repository = await createCoordinatedRepository();
  server = await startAnswerServer({
    skein: repository.project.skein,
    repository: repository.project.repository,
    env: plainEnv,
    notes: { read: () => null, write: () => undefined },
    isExempt: async () => false,
    pid: process.pid,
  });
});

afterEach(async () => {
  await server?.close();
  await repository.remove();
});

/** A hook in a sandbox that keeps `.git` read-only. */
async function sandboxed(path: string, entry: ErrorEntry = storeErrors.readOnly): Promise<unknown> {
  const out: string[] = [];
  await runHook(["claude", "pre-edit"], {
    cwd: repository.root,
    env: plainEnv,
    readInput: () => JSON.stringify({ ...claudeEdit("ada", path), cwd: repository.root }),
    openDriver: () => {
      throw new SkeinError(entry);
    },
    out: (text) => out.push(text),
    warn: () => undefined,
  });
  return out.length === 0 ? null : JSON.parse(out.join(""));
}

describe("startAnswerServer", () => {
  it("lets a hook that may not write the store deny and lease all the same", async () => {
    await repository.claim("codex:grace", ["src/a.ts"]);

    expect(await sandboxed("src/a.ts")).toMatchObject({
      hookSpecificOutput: { permissionDecision: "deny" },
    });
    expect(await sandboxed("src/b.ts")).toBeNull();
    const verdict = (await repository.project.skein.dispatch.check(null, ["src/b.ts"])).get(
      "src/b.ts",
    );
    expect(verdict?.kind).toBe("foreign");
  });

  it("is asked, too, where SQLite cannot make its journal", async () => {
    await repository.claim("codex:grace", ["src/a.ts"]);

    expect(await sandboxed("src/a.ts", storeErrors.cannotOpen)).toMatchObject({
      hookSpecificOutput: { permissionDecision: "deny" },
    });
  });

  it("is open to its user alone", () => {
    expect(statSync(server?.path ?? "").mode & 0o077).toBe(0);
    expect(statSync(answerFolder(repository.project.repository)).mode & 0o077).toBe(0);
  });

  it("is not asked when others may enter its folder", async () => {
    chmodSync(answerFolder(repository.project.repository), 0o777);

    expect(await sandboxed("src/b.ts")).toEqual({
      systemMessage: expect.stringContaining("nothing was checked"),
    });
  });

  it("is forgotten when nobody listens any more", async () => {
    await server?.close();

    expect(
      await askServers(repository.project.repository, {
        host: "claude",
        event: "pre-edit",
        text: "{}",
        cwd: repository.root,
        env: {},
      }),
    ).toBeNull();
  });

  it("answers nonsense with a note", async () => {
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(server?.path ?? "");
      let said = "";
      socket.on("data", (part) => (said += part.toString()));
      socket.on("end", () => {
        resolve(said);
      });
      socket.on("error", reject);
      socket.end('{"host":"claude","event":"rm -rf","text":1}\n');
    });

    expect(JSON.parse(text)).toMatchObject({ kind: "note" });
  });
});
