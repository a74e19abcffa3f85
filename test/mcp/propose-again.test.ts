import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Transaction } from "../../src/core/store/index.ts";
import { catalogTool } from "../../src/mcp/call-tool.ts";
import type { McpContext } from "../../src/mcp/context.ts";
import { createMcpContext } from "../../src/mcp/main.ts";
import { performCall } from "../../src/mcp/perform-call.ts";
import type { PlainAnswer } from "../../src/mcp/perform-call.ts";
import { createProjectSource } from "../../src/mcp/project-source.ts";
import type { ProjectSource } from "../../src/mcp/project-source.ts";
import { createCoordinatedRepository, plainEnv } from "../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../support/coordinated-repository.ts";

let repository: CoordinatedRepository;
let source: ProjectSource;
let context: McpContext;

beforeEach(async () => {
  repository = await createCoordinatedRepository();
  const place = { cwd: repository.root, env: plainEnv };
  source = createProjectSource({ ...place, log: () => undefined });
  const streams = { input: new PassThrough(), output: new PassThrough(), log: new PassThrough() };
  context = createMcpContext({ ...place, streams }, source);
});

afterEach(async () => {
  await source.close();
  await repository.remove();
});

async function propose(by: McpContext, more: object): Promise<PlainAnswer> {
  const tasks = [{ id: "T1", title: "One", files: ["a"] }];
  return performCall(by, {
    tool: catalogTool("propose_plan"),
    input: { plan: "prices", title: "Prices", tasks, ...more },
    meta: undefined,
    client: null,
    signal: new AbortController().signal,
    askPerson: null,
    tellProgress: () => undefined,
  });
}

/** The same project over a database that undoes the first try of a write; what happens meanwhile is done before the second. */
function undoing(meanwhile: () => Promise<unknown>): McpContext {
  let isFirst = true;
  return {
    ...context,
    open: async () => {
      const project = await context.open();
      const { store } = project.skein;
      const write = async <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => {
        if (isFirst) {
          isFirst = false;
          const undone = store.write(async (tx) => {
            await work(tx);
            throw new Error("undone");
          });
          await undone.catch(() => undefined);
          await meanwhile();
        }
        return store.write(work);
      };
      return { ...project, skein: { ...project.skein, store: { ...store, write } } };
    },
  };
}

describe("propose_plan whose transaction is made again", () => {
  test("says what was done under its key meanwhile, not what its own first try found", async () => {
    const { session } = await propose(context, { plan: "other" });
    const call = { session, key: "k1" };
    const meanwhile = async (): Promise<void> => {
      await propose(context, { session });
      await propose(context, call);
    };

    const answer = await propose(undoing(meanwhile), call);

    expect(answer).toMatchObject({ is_new: false, created: 0, unchanged: 1 });
  });

  test("and without a key says what its last try found", async () => {
    const { session } = await propose(context, { plan: "other" });

    const answer = await propose(
      undoing(async () => propose(context, { session })),
      { session, dry_run: true },
    );

    expect(answer).toMatchObject({ is_new: false, unchanged: 1, dry_run: true });
  });
});
