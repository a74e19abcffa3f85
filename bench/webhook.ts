import { createHmac, timingSafeEqual } from "node:crypto";
import { Agent, createServer, request } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createDoor } from "../src/bot/app/door.ts";
import { listen } from "../src/bot/app/listen.ts";
import { createDeliveries, deliveryMigrations } from "../src/core/hosting/index.ts";
import { openBetterSqlite, openSqliteStore } from "../src/core/store/index.ts";
import { createTimeSource, systemRandom } from "../src/adapters/process/clock.ts";
import { atMost, isQuick, report } from "./support/figure.ts";
import { inFolder } from "./support/stand.ts";
import { quantile, rounded } from "./support/statistics.ts";

const rounds = isQuick ? 150 : 600;
const secret = "a-secret-of-the-bench-0123456789";
/** As large as the event of a pull request usually is. */
const payload = JSON.stringify({
  action: "opened",
  pull_request: { number: 1, body: "x".repeat(24_000), head: { sha: "a".repeat(40) } },
  repository: { full_name: "loom/shed" },
});
const signature = `sha256=${createHmac("sha256", secret).update(payload).digest("hex")}`;

interface Served {
  readonly port: number;
  close(): Promise<void>;
}

/** Acknowledging a webhook, held against a bare server that checks the signature and inserts one row, in turns within one run. */
async function main(): Promise<void> {
  await inFolder(async (folder) => {
    const bare = await serveBare(join(folder, "bare.db"));
    const skein = await serveSkein(join(folder, "skein"));
    const took = { bare: [] as number[], skein: [] as number[] };
    const agent = new Agent({ keepAlive: true });
    for (let round = 0; round < rounds; round += 1) {
      const isWarm = round >= rounds / 10;
      const [bareMs, skeinMs] = [await send(bare, agent, round), await send(skein, agent, round)];
      if (isWarm) {
        took.bare.push(bareMs);
        took.skein.push(skeinMs);
      }
    }
    agent.destroy();
    await Promise.all([bare.close(), skein.close()]);
    report([
      {
        name: "webhook acknowledged, over a bare server with HMAC and one insert",
        value: rounded(half(took.skein) / half(took.bare)),
        unit: "x",
        target: atMost(3),
      },
      {
        name: "webhook acknowledged, p99",
        value: rounded(quantile(took.skein, 0.99)),
        unit: "ms",
        target: atMost(1_000),
      },
      { name: "the same, median", value: rounded(half(took.skein)), unit: "ms", target: null },
      {
        name: "the bare server, median",
        value: rounded(half(took.bare)),
        unit: "ms",
        target: null,
      },
    ]);
  });
}

function half(list: readonly number[]): number {
  return quantile(list, 0.5);
}

async function send({ port }: Served, agent: Agent, round: number): Promise<number> {
  const startMs = performance.now();
  const status = await new Promise<number>((resolve, reject) => {
    const sent = request(
      {
        host: "127.0.0.1",
        port,
        agent,
        path: "/api/github/webhooks",
        method: "POST",
        headers: {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(payload),
          "x-github-event": "pull_request",
          "x-github-delivery": `delivery-${String(round).padStart(8, "0")}`,
          "x-hub-signature-256": signature,
        },
      },
      (response) => {
        response.resume();
        response.on("end", () => {
          resolve(response.statusCode ?? 0);
        });
      },
    );
    sent.on("error", reject);
    sent.end(payload);
  });
  if (status !== 202) {
    throw new Error(`A webhook was answered ${String(status)}.`);
  }
  return performance.now() - startMs;
}

async function serveSkein(folder: string): Promise<Served> {
  const store = await openSqliteStore({
    file: join(folder, "deliveries.db"),
    project: "bot",
    migrations: deliveryMigrations,
    time: createTimeSource(),
    random: systemRandom,
  });
  const door = createDoor({
    secrets: [secret],
    deliveries: createDeliveries(store),
    hosts: new Set(["127.0.0.1"]),
    manifest: {},
    onAccepted: () => undefined,
    onFault: (error) => {
      throw error;
    },
  });
  const listening = await listen(door, { host: "127.0.0.1", port: 0 });
  return {
    port: listening.port,
    close: async () => {
      await listening.close();
      await store.close();
    },
  };
}

/** As little as can be: the same flushing of the disk, no more. */
async function serveBare(file: string): Promise<Served> {
  const driver = openBetterSqlite(file);
  driver.exec("PRAGMA journal_mode = WAL");
  driver.exec("PRAGMA synchronous = FULL");
  driver.exec("CREATE TABLE hooks (guid TEXT PRIMARY KEY, payload TEXT NOT NULL)");
  const insert = driver.prepare("INSERT INTO hooks (guid, payload) VALUES (?, ?)");
  const take = async (incoming: IncomingMessage): Promise<number> => {
    const body = await bodyOf(incoming);
    const right = createHmac("sha256", secret).update(body).digest();
    const given = Buffer.from(String(incoming.headers["x-hub-signature-256"]).slice(7), "hex");
    if (!timingSafeEqual(right, given)) {
      return 401;
    }
    insert.run(String(incoming.headers["x-github-delivery"]), body.toString("utf8"));
    return 202;
  };
  const server = createServer((incoming, response) => {
    void take(incoming).then((status) => response.writeHead(status).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server's address is no text.
    port: (server.address() as AddressInfo).port,
    close: async () => {
      await new Promise((resolve) => {
        server.close(resolve);
      });
      driver.close();
    },
  };
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

await main();
