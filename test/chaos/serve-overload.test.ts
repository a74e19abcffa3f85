import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCoordinatedRepository, plainEnv } from "../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../support/coordinated-repository.ts";
import { skeinBin } from "../support/mcp-process.ts";

const agents = 8;

let repository: CoordinatedRepository;
let child: ChildProcess;
let url = "";
let token = "";

beforeAll(async () => {
  repository = await createCoordinatedRepository();
  child = spawn(process.execPath, [skeinBin, "serve", "--port", "0", "--json"], {
    cwd: repository.root,
    env: { ...plainEnv },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const line = await new Promise<string>((resolve) => {
    child.stdout?.once("data", (part: Buffer) => {
      resolve(part.toString());
    });
  });
  const facts: { readonly url: string; readonly token_file: string } = JSON.parse(line);
  url = facts.url;
  token = readFileSync(facts.token_file, "utf8").trim();
  const tasks = Array.from({ length: agents }, (_, at) => ({
    id: `T${String(at + 1)}`,
    title: "One",
  }));
  await call("propose_plan", { plan: "p", title: "P", verify: "none", tasks }, calmly);
});

afterAll(async () => {
  child.kill("SIGKILL");
  await repository.remove();
});

interface Caller {
  readonly agent: Agent;
  readonly id: string;
}

interface Said {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

const calmly: Caller = { agent: new Agent({ keepAlive: true }), id: "test:calm" };

function call(tool: string, input: unknown, { agent, id }: Caller): Promise<Said> {
  return new Promise((resolve, reject) => {
    const asked = request(
      `${url}/api/v1/tools/${tool}`,
      {
        agent,
        method: "POST",
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          "skein-external-id": id,
        },
      },
      (answer) => {
        let text = "";
        answer.on("data", (part: Buffer) => {
          text += part.toString();
        });
        answer.on("end", () => {
          resolve({
            status: answer.statusCode ?? 0,
            retryAfter: answer.headers["retry-after"] ?? null,
            body: JSON.parse(text),
          });
        });
      },
    );
    asked.on("error", reject);
    asked.end(JSON.stringify(input));
  });
}

interface Holder extends Caller {
  readonly claim: { readonly task: unknown; readonly fence: unknown };
}

async function claimAll(): Promise<readonly Holder[]> {
  return Promise.all(
    Array.from({ length: agents }, async (_, at) => {
      const caller = { agent: new Agent({ keepAlive: true }), id: `test:${String(at)}` };
      const { body } = await call("next_task", {}, caller);
      const task: unknown = Reflect.get(Object(body["task"]), "id");
      return { ...caller, claim: { task, fence: body["fence"] } };
    }),
  );
}

async function renewalsIn(ms: number, holders: readonly Holder[]): Promise<readonly number[]> {
  const endMs = performance.now() + ms;
  const statuses = await Promise.all(
    holders.map(async (holder) => {
      const mine: number[] = [];
      while (performance.now() < endMs) {
        mine.push((await call("update_task", holder.claim, holder)).status);
      }
      return mine;
    }),
  );
  return statuses.flat();
}

describe("many times more than a server can do", () => {
  test("keeps every renewal, sends reads away with a time to come back, and is well again at once", async () => {
    const holders = await claimAll();
    const calm = await renewalsIn(1_500, holders);
    const crowd = new Agent({ keepAlive: true, maxSockets: 600 });
    const over = new AbortController();
    // Each asks again as soon as it is answered, whatever it is told.
    const readers = Array.from({ length: 600 }, async (_, at) => {
      const seen: Said[] = [];
      while (!over.signal.aborted) {
        seen.push(
          await call("look", { at: "board" }, { agent: crowd, id: `test:r${String(at % 40)}` }),
        );
      }
      return seen;
    });
    const pressed = await renewalsIn(6_000, holders);
    over.abort();
    const reads = (await Promise.all(readers)).flat();
    const after = await renewalsIn(1_500, holders);
    const look = await call("look", { at: "board" }, calmly);

    const shed = reads.filter(({ status }) => status === 429);
    expect(new Set(pressed)).toEqual(new Set([200]));
    expect(shed.length).toBeGreaterThan(0);
    expect(new Set(shed.map(({ retryAfter }) => retryAfter))).toEqual(new Set(["5"]));
    expect(new Set(reads.map(({ status }) => status))).toEqual(new Set([200, 429]));
    // A machine that does other things as well is slower now and then: half of the calm rate tells a queue that drains from one that does not.
    expect(after.length).toBeGreaterThan(calm.length / 2);
    expect(look.status).toBe(200);
  });
});
