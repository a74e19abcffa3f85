import { request } from "node:http";
import type { OutgoingHttpHeaders } from "node:http";
import { sign } from "@octokit/webhooks-methods";
import { createDeliveries, deliveryMigrations } from "../../../src/core/hosting/index.ts";
import type { Deliveries } from "../../../src/core/hosting/index.ts";
import { openMemoryStore } from "../../support/stores.ts";
import type { VirtualTime } from "../../support/virtual-time.ts";

export const secret = "a-secret-of-the-test-0123456789";

/** A queue in memory and the clock that turns it. */
export async function aQueue(): Promise<{
  readonly deliveries: Deliveries;
  readonly time: VirtualTime;
}> {
  const { store, time } = await openMemoryStore({ migrations: deliveryMigrations });
  return { deliveries: createDeliveries(store), time };
}

/** A pull request's event as GitHub sends it, as far as it is read. */
export function aPullEvent(odd: Readonly<Record<string, unknown>> = {}): object {
  return {
    action: "opened",
    number: 1,
    pull_request: {
      number: 1,
      title: "Add a",
      body: "",
      state: "open",
      user: { id: 3, login: "tim", type: "User" },
      head: endOf("topic", "a".repeat(40)),
      base: endOf("main", "b".repeat(40)),
    },
    repository: { id: 5, full_name: "ada/engine", private: false, default_branch: "main" },
    installation: { id: 88 },
    sender: { id: 3, login: "tim", type: "User" },
    ...odd,
  };
}

function endOf(ref: string, sha: string): object {
  return { ref, sha, repo: { full_name: "ada/engine" } };
}

export interface Hook {
  readonly port: number;
  readonly body: string | Buffer;
  readonly guid?: string;
  readonly event?: string;
  /** In place of, and beside, what GitHub sends. Undefined: left out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly path?: string;
  readonly method?: string;
}

export interface HookAnswer {
  readonly status: number;
  readonly body: string;
}

/** Sends what GitHub would, signed by its own library. */
export async function sendHook({
  port,
  body,
  guid = "guid-0001",
  ...odd
}: Hook): Promise<HookAnswer> {
  const text = body.toString();
  const headers: OutgoingHttpHeaders = {
    host: `127.0.0.1:${String(port)}`,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "x-github-event": odd.event ?? "pull_request",
    "x-github-delivery": guid,
    "x-hub-signature-256": text === "" ? "" : await sign(secret, text),
    ...odd.headers,
  };
  const present = Object.fromEntries(
    Object.entries(headers).filter(([, value]) => value !== undefined),
  );
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: "127.0.0.1",
        port,
        path: odd.path ?? "/api/github/webhooks",
        method: odd.method ?? "POST",
        headers: present,
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
        });
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}
