import { afterEach, describe, expect, test } from "vitest";
import type { TokenId } from "../../src/core/access/index.ts";
import { SkeinError } from "../../src/core/base/errors.ts";
import type { Skein } from "../../src/core/index.ts";
import { identityErrors } from "../../src/adapters/identity/index.ts";
import { createLoopbackGate } from "../../src/http/index.ts";
import type { Gate } from "../../src/http/index.ts";
import { aPlan, aTask } from "../support/coordination.ts";
import { connectTo, createHttpStand } from "../support/http-stand.ts";
import type { HttpAnswer, HttpStand } from "../support/http-stand.ts";

const auth = {
  tokens: true,
  oidc: null,
  publicUrl: null,
  allowedHosts: [],
  allowedOrigins: [],
  quotas: { perMinute: 100_000, burst: 10_000 },
};

let stand: HttpStand;

afterEach(async () => {
  await stand.close();
});

function skeinOf(): Skein {
  return stand.repository.project.skein;
}

interface Made {
  readonly id: TokenId;
  readonly headers: Readonly<Record<string, string>>;
}

async function agentToken(): Promise<Made> {
  const { store, access } = skeinOf();
  const { token, text } = await store.write((tx) =>
    access.tokens.create(tx, { role: "agent", by: "person:eve", expiresInMs: null }),
  );
  return { id: token.id, headers: { authorization: `Bearer ${text}` } };
}

const by = { actor: "person:eve" } as const;

/** One commit takes the token back and brings the work: whoever waits hears of both at once. */
async function revokeAndPropose(id: TokenId): Promise<void> {
  const { store, access, dispatch } = skeinOf();
  await store.write(async (tx) => {
    await access.tokens.revoke(tx, id, by.actor);
    await dispatch.importPlanIn(tx, aPlan([aTask("T1")]), by);
  });
}

async function endAndPropose(): Promise<void> {
  const { store, dispatch } = skeinOf();
  await store.write(async (tx) => {
    await tx.run("UPDATE access_tokens SET expires_at_ms = 1", []);
    await dispatch.importPlanIn(tx, aPlan([aTask("T1")]), by);
  });
}

async function untilItWaits(): Promise<void> {
  await expect
    .poll(async () => (await stand.ask("healthz")).body["load"])
    .toMatchObject({ sleeping: 1 });
  // It has looked once, and found nothing.
  await expect.poll(async () => (await livingSessions()).length).toBe(1);
}

async function livingSessions(): Promise<readonly unknown[]> {
  const { store, sessions } = skeinOf();
  return store.read((reader) => sessions.list(reader, "living"));
}

async function claimedTasks(): Promise<readonly string[]> {
  const { store, plans } = skeinOf();
  const tasks = await store.read((reader) => plans.listTasks(reader, { plan: "demo", limit: 10 }));
  return tasks.filter(({ status }) => status === "claimed").map(({ id }) => id);
}

function codeOf({ body }: HttpAnswer): unknown {
  return Reflect.get(Object(body["error"]), "code");
}

const wait = { wait_seconds: 30 };

describe("a call that waits", () => {
  test("gets no task when its token is taken back meanwhile", async () => {
    stand = await createHttpStand({ auth });
    const { id, headers } = await agentToken();
    const waiting = stand.call("next_task", wait, headers);
    await untilItWaits();

    await revokeAndPropose(id);
    const answer = await waiting;

    expect([answer.status, codeOf(answer)]).toEqual([401, "SKN-3352"]);
    expect(answer.headers.get("www-authenticate")).toContain("invalid_token");
    expect(await claimedTasks()).toEqual([]);
  });

  test("gets no task when its token ends meanwhile", async () => {
    stand = await createHttpStand({ auth });
    const { headers } = await agentToken();
    const waiting = stand.call("next_task", wait, headers);
    await untilItWaits();

    await endAndPropose();
    const answer = await waiting;

    expect([answer.status, codeOf(answer)]).toEqual([401, "SKN-3353"]);
    expect(await claimedTasks()).toEqual([]);
  });

  test("gets no task over MCP either", async () => {
    stand = await createHttpStand({ auth });
    const { id, headers } = await agentToken();
    const client = await connectTo(`${stand.url}/mcp`, {}, headers);
    const waiting = client.callTool({ name: "next_task", arguments: wait });
    await untilItWaits();

    await revokeAndPropose(id);
    const answer = await waiting;
    await client.close();

    expect(answer.isError).toBe(true);
    expect(JSON.stringify(answer.content)).toContain("SKN-3352");
    expect(await claimedTasks()).toEqual([]);
  });

  test("gets no paths when its token is taken back meanwhile", async () => {
    stand = await createHttpStand({ auth });
    const { store, access, leases } = skeinOf();
    const { id, headers } = await agentToken();
    const held = await stand.call("claim_files", { paths: ["a.ts"] });
    const waiting = stand.call("claim_files", { paths: ["a.ts"], ...wait }, headers);
    await expect.poll(async () => (await livingSessions()).length).toBe(2);

    await store.write((tx) => access.tokens.revoke(tx, id, by.actor));
    const { status } = await stand.call("release_files", { session: held.body["session"] });
    const answer = await waiting;

    expect(status).toBe(200);
    expect([answer.status, codeOf(answer)]).toEqual([401, "SKN-3352"]);
    expect(await store.read((reader) => leases.list(reader))).toEqual([]);
  });

  test("hears no answer of a person when its token is taken back meanwhile", async () => {
    stand = await createHttpStand({ auth });
    const { store, access, approvals } = skeinOf();
    const { id, headers } = await agentToken();
    const waiting = stand.call("ask_human", { question: "Which key?", ...wait }, headers);
    await untilItWaits();

    await store.write(async (tx) => {
      await access.tokens.revoke(tx, id, by.actor);
      const [question] = await approvals.open(tx);
      await approvals.answer(tx, question?.id ?? "", { answer: "the secret", by: "person:eve" });
    });
    const answer = await waiting;

    expect([answer.status, codeOf(answer)]).toEqual([401, "SKN-3352"]);
    expect(answer.text).not.toContain("the secret");
  });

  test("gets no task when a token of an identity provider ends meanwhile", async () => {
    let isOver = false;
    stand = await createHttpStand({ gate: oidcGate(() => isOver) });
    const waiting = stand.call("next_task", wait, { "x-is-ada": "1" });
    await untilItWaits();

    isOver = true;
    await skeinOf().dispatch.importPlan(aPlan([aTask("T1")]), by);
    const answer = await waiting;

    expect([answer.status, codeOf(answer)]).toEqual([401, "SKN-3911"]);
    expect(await claimedTasks()).toEqual([]);
  });

  test("gets its task with a token that still counts", async () => {
    stand = await createHttpStand({ auth });
    const [{ headers }, other] = [await agentToken(), await agentToken()];
    const waiting = stand.call("next_task", wait, headers);
    await untilItWaits();

    await revokeAndPropose(other.id);

    expect((await waiting).status).toBe(200);
    expect(await claimedTasks()).toEqual(["T1"]);
  });
});

/** A gate that knows Ada by her provider for as long as that token lasts. */
function oidcGate(isOver: () => boolean): Gate {
  const token = "a-token-that-only-this-stand-knows-00000000";
  const gate = createLoopbackGate({ token, person: "ada", origins: [] });
  return {
    ...gate,
    admit: async (request, project) =>
      request.headers["x-is-ada"] === undefined
        ? gate.admit(request, project)
        : {
            kind: "admitted",
            principal: { id: "oidc:ada", kind: "oidc", name: "ada", role: "agent", project },
          },
    ensureCurrent: () => {
      if (isOver()) {
        throw new SkeinError(identityErrors.badToken);
      }
    },
  };
}
