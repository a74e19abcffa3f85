import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";

/** What a stand-in for Vault is asked, as it came over the wire. */
export interface VaultAsked {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface VaultServer {
  readonly address: string;
  readonly asked: readonly VaultAsked[];
  /** Replaces what it does; null: seals, deletes or slows nothing. */
  behave(as: VaultBehaviour | null): void;
  put(path: string, data: Readonly<Record<string, unknown>>): void;
  close(): Promise<void>;
}

export type VaultBehaviour =
  | { readonly kind: "sealed" }
  | { readonly kind: "busy" }
  | { readonly kind: "deleted" }
  | { readonly kind: "silent" }
  | { readonly kind: "moved"; readonly to: string }
  | { readonly kind: "raw"; readonly body: string }
  | { readonly kind: "leased"; readonly seconds: number };

/**
 * Speaks the wire format of the second key-value engine (`GET /v1/MOUNT/data/PATH`), as Vault's documentation of its HTTP interface shows
 * it: two `data` around each other, `{"errors": […]}` beside a status, and 404 with metadata for a deleted version.
 */
export async function startVault(token: string): Promise<VaultServer> {
  const asked: VaultAsked[] = [];
  const stored = new Map<string, Readonly<Record<string, unknown>>>();
  let behaviour: VaultBehaviour | null = null;
  const server = createServer((request, response) => {
    asked.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers });
    answer(request, response, { token, stored, behaviour });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const port = portOf(server);
  return {
    address: `http://127.0.0.1:${String(port)}`,
    asked,
    behave: (as) => {
      behaviour = as;
    },
    put: (path, data) => {
      stored.set(path, data);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Where a server listens that was given any port. */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error("the server does not listen on a port");
  }
  return address.port;
}

interface Inside {
  readonly token: string;
  readonly stored: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  readonly behaviour: VaultBehaviour | null;
}

function answer(request: IncomingMessage, response: ServerResponse, inside: Inside): void {
  const { token, stored, behaviour } = inside;
  const say = (status: number, body: unknown): void => {
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(`${JSON.stringify(body)}\n`);
  };
  switch (behaviour?.kind) {
    case "silent":
      return;
    case "sealed":
      say(503, { errors: ["Vault is sealed"] });
      return;
    case "busy":
      say(429, { errors: ['request path "kv/data/x": rate limit quota exceeded'] });
      return;
    case "moved":
      response.writeHead(307, { Location: behaviour.to }).end();
      return;
    case "raw":
      response.writeHead(200, { "Content-Type": "application/json" }).end(behaviour.body);
      return;
    case undefined:
    case "deleted":
    case "leased":
  }
  if (request.headers["x-vault-token"] !== token) {
    say(403, { errors: ["permission denied"] });
    return;
  }
  const data = stored.get((request.url ?? "").replace(/^\/v1\//u, ""));
  if (data === undefined) {
    say(404, { errors: [] });
    return;
  }
  const isDeleted = behaviour?.kind === "deleted";
  say(isDeleted ? 404 : 200, secretBody(isDeleted ? null : data, behaviour));
}

function secretBody(data: unknown, behaviour: VaultBehaviour | null): unknown {
  return {
    request_id: "1d8a23a0-5e0b-7d8b-2a54-9a2f7b9c6c41",
    lease_id: "",
    renewable: false,
    lease_duration: behaviour?.kind === "leased" ? behaviour.seconds : 0,
    data: {
      data,
      metadata: {
        created_time: "2026-05-02T10:11:12.131415Z",
        custom_metadata: null,
        deletion_time: data === null ? "2026-05-03T10:11:12.131415Z" : "",
        destroyed: false,
        version: 4,
      },
    },
    wrap_info: null,
    warnings: null,
    auth: null,
    mount_type: "kv",
  };
}
