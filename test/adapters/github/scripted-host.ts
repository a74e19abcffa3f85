import { createServer } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { createCodeHost } from "../../../src/adapters/github/index.ts";
import type { CodeHostOptions, Wait } from "../../../src/adapters/github/index.ts";
import { systemTimer } from "../../../src/adapters/process/timer.ts";
import type { CodeHost } from "../../../src/core/hosting/index.ts";

/** One request as it came. */
export interface Came {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface Said {
  /** Default 200; `reset`: the connection is cut, `silence`: nothing is ever answered. */
  readonly status?: number | "reset" | "silence";
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
}

export interface ScriptedHost {
  readonly url: string;
  readonly came: readonly Came[];
  readonly waits: readonly Wait[];
  /** `GET /repos/…` of all that came. */
  calls(): readonly string[];
  open(options?: Partial<CodeHostOptions>): CodeHost;
}

/** A code host on loopback that says what the test tells it to. It ends with the test. */
export async function scriptedHost(
  answer: (came: Came, count: number) => Said,
): Promise<ScriptedHost> {
  const came: Came[] = [];
  const waits: Wait[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      const one: Came = {
        method: request.method ?? "",
        path: request.url ?? "",
        headers: request.headers,
        body: text === "" ? null : JSON.parse(text),
      };
      came.push(one);
      const { status = 200, headers = {}, json } = answer(one, came.length);
      if (status === "reset") {
        request.socket.destroy();
      } else if (status !== "silence") {
        response.writeHead(status, { "content-type": "application/json", ...headers });
        response.end(json === undefined ? "" : JSON.stringify(json));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server's address is no text.
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    url,
    came,
    waits,
    calls: () => came.map(({ method, path }) => `${method} ${path}`),
    open: ({ limits, ...options } = {}) =>
      createCodeHost({
        baseUrl: url,
        token: "token-of-the-test",
        userAgent: "skein/test",
        name: "loom/shed",
        timer: systemTimer,
        clock: { nowMs: () => 1_800_000_000_000 },
        self: { id: 7, login: "skein[bot]", kind: "bot" },
        limits: { spacingMs: 0, secondMs: 1, ...limits },
        onWait: (wait) => waits.push(wait),
        ...options,
      }),
  };
}

/** An issue as the host writes it. */
export function anIssue(odd: Readonly<Record<string, unknown>> = {}): object {
  return {
    id: 9_001,
    number: 12,
    title: "A loose thread",
    body: null,
    state: "open",
    state_reason: null,
    labels: [{ name: "bug" }],
    user: { id: 3, login: "ada", type: "User" },
    html_url: "https://github.example/loom/shed/issues/12",
    updated_at: "2026-01-02T03:04:05Z",
    ...odd,
  };
}

/** A comment as the host writes it. */
export function aComment(odd: Readonly<Record<string, unknown>> = {}): object {
  return {
    id: 501,
    body: "hello",
    user: { id: 7, login: "skein[bot]", type: "Bot" },
    html_url: "https://github.example/loom/shed/issues/12#issuecomment-501",
    created_at: "2026-01-02T03:04:05Z",
    updated_at: "2026-01-02T03:04:05Z",
    ...odd,
  };
}
