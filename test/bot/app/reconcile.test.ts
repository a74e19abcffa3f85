import { generateKeyPairSync } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { createApp } from "../../../src/adapters/github/index.ts";
import { wallClock } from "../../../src/adapters/process/clock.ts";
import { systemTimer } from "../../../src/adapters/process/timer.ts";
import { createDoor } from "../../../src/bot/app/door.ts";
import { listen } from "../../../src/bot/app/listen.ts";
import type { Listening } from "../../../src/bot/app/listen.ts";
import { reconcile } from "../../../src/bot/app/reconcile.ts";
import type { ReconcileOptions } from "../../../src/bot/app/reconcile.ts";
import type { Deliveries } from "../../../src/core/hosting/index.ts";
import { scriptedHost } from "../../adapters/github/scripted-host.ts";
import type { Came, Said } from "../../adapters/github/scripted-host.ts";
import { createSeededRandom } from "../../support/virtual-time.ts";
import { aPullEvent, aQueue, secret, sendHook } from "./stand.ts";

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2_048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});

const nowMs = Date.parse("2026-03-04T12:00:00Z");

let open: Listening[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map(async (one) => one.close()));
});

function looking(
  baseUrl: string,
  deliveries: Deliveries,
  faults: unknown[] = [],
): ReconcileOptions {
  const [timer, clock] = [systemTimer, wallClock];
  const limits = { secondMs: 1, spacingMs: 0 };
  return {
    app: createApp({ appId: 1, privateKey, baseUrl, userAgent: "t", timer, clock, limits }),
    deliveries,
    nowMs: () => nowMs,
    onFault: (error) => faults.push(error),
  };
}

/** One of the host's attempts to deliver. */
interface Attempt {
  readonly id: number;
  readonly guid: string;
  readonly status: number;
  readonly agoMs: number;
}

/** A host that lists attempts in pages of a hundred, and notes what it is asked to send again. */
function listing(attempts: () => readonly Attempt[], again: number[]): (came: Came) => Said {
  return ({ method, path }) => {
    const id = /\/deliveries\/(?<id>\d+)\/attempts$/u.exec(path)?.groups?.["id"];
    if (method === "POST" && id !== undefined) {
      again.push(Number(id));
      return { status: 202, json: {} };
    }
    const page = Number(/cursor=(?<page>\d+)/u.exec(path)?.groups?.["page"] ?? 0);
    const rows = attempts().slice(page * 100, page * 100 + 100);
    const hasMore = attempts().length > (page + 1) * 100;
    const next = `<http://127.0.0.1:${String(portOf)}/app/hook/deliveries?cursor=${String(page + 1)}>; rel="next"`;
    return {
      headers: hasMore ? { link: next } : {},
      json: rows.map(({ agoMs, ...row }) => ({
        id: row.id,
        guid: row.guid,
        status_code: row.status,
        redelivery: false,
        event: "pull_request",
        delivered_at: new Date(nowMs - agoMs).toISOString(),
      })),
    };
  };
}

let portOf = 0;

function isDropped(guid: string): boolean {
  return guid.endsWith("7");
}

test("of a thousand deliveries, a tenth dropped, all reordered and many repeated, each is there once in the end", async () => {
  const { deliveries } = await aQueue();
  const door = createDoor({
    secrets: [secret],
    deliveries,
    hosts: new Set(["127.0.0.1"]),
    manifest: {},
    onAccepted: () => undefined,
    onFault: (error) => {
      throw error;
    },
  });
  const listening = await listen(door, { host: "127.0.0.1", port: 0 });
  open.push(listening);
  const all = Array.from({ length: 1_000 }, (_, index) => `guid-${String(index).padStart(6, "0")}`);
  const tries = new Map(
    all.map((guid, index) => [index + 1, { guid, status: isDropped(guid) ? 0 : 202 }]),
  );
  const deliver = async (guid: string): Promise<void> => {
    const number = Number(guid.slice(5)) + 1;
    const event = aPullEvent({ number });
    expect(
      (await sendHook({ port: listening.port, guid, body: JSON.stringify(event) })).status,
    ).toBe(202);
  };
  const again: number[] = [];
  const host = await scriptedHost(
    listing(() => [...tries].map(([id, attempt]) => ({ id, ...attempt, agoMs: id })), again),
  );
  portOf = Number(new URL(host.url).port);

  const random = createSeededRandom(7);
  const mixed = all
    .filter((guid) => !isDropped(guid))
    .flatMap((guid) => ((random.bytes(1)[0] ?? 0) < 32 ? [guid, guid, guid] : [guid]))
    .map((guid) => ({ guid, key: Buffer.from(random.bytes(4)).readUInt32BE() }))
    .toSorted((one, other) => one.key - other.key);
  for (let at = 0; at < mixed.length; at += 50) {
    await Promise.all(mixed.slice(at, at + 50).map(async ({ guid }) => deliver(guid)));
  }
  expect((await deliveries.counts()).waiting).toBe(900);
  const first = await reconcile(looking(host.url, deliveries));
  for (const id of again) {
    await deliver(tries.get(id)?.guid ?? "");
  }
  const second = await reconcile(looking(host.url, deliveries));

  expect(first).toEqual({ redelivered: 100, found: 0 });
  expect(second).toEqual({ redelivered: 0, found: 0 });
  expect((await deliveries.counts()).waiting).toBe(1_000);
}, 60_000);

test("asks again for what nobody took, and neither for what came otherwise nor for what failed four times", async () => {
  const { deliveries } = await aQueue();
  const known = {
    event: "push",
    repository: null,
    lane: "",
    about: null,
    payload: "",
    isIdle: true,
    isOnce: false,
  } as const;
  await deliveries.accept({ ...known, guid: "came" });
  const day = 24 * 3_600_000;
  const attempts: readonly Attempt[] = [
    { id: 9, guid: "twice", status: 500, agoMs: 1_000 },
    { id: 8, guid: "taken", status: 202, agoMs: 2_000 },
    { id: 7, guid: "taken", status: 0, agoMs: 3_000 },
    { id: 6, guid: "twice", status: 503, agoMs: 4_000 },
    { id: 5, guid: "came", status: 504, agoMs: 5_000 },
    ...[1, 2, 3, 4].map((id) => ({ id, guid: "hopeless", status: 503, agoMs: 10_000 - id })),
    { id: 10, guid: "old", status: 0, agoMs: 3 * day + 1 },
  ];
  const again: number[] = [];
  const host = await scriptedHost(listing(() => attempts, again));

  expect(await reconcile(looking(host.url, deliveries))).toEqual({ redelivered: 1, found: 0 });
  expect(again).toEqual([9]);
});

test("a fault of the host is told, and a repository that is gone is forgotten", async () => {
  const { deliveries } = await aQueue();
  const event = {
    event: "push",
    repository: "ada/gone",
    lane: "x",
    about: null,
    payload: "{}",
  } as const;
  await deliveries.accept({ ...event, guid: "one", isIdle: false, isOnce: false });
  const claim = await deliveries.claim(1_000);
  expect(claim && (await deliveries.end(claim, { kind: "done", note: "" }))).toBe(true);
  const faults: unknown[] = [];
  const host = await scriptedHost(({ path }) => ({
    status: path.startsWith("/app/hook") ? 500 : 404,
    json: { message: "No" },
  }));

  const found = await reconcile(looking(host.url, deliveries, faults));

  expect(found).toEqual({ redelivered: 0, found: 0 });
  expect(faults).toMatchObject([{ code: "SKN-7651" }]);
  expect(await deliveries.repositories()).toEqual([]);
});
