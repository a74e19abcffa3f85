import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";

/** How bytes go through. */
export type Passage =
  | { readonly kind: "clean" }
  /** Every piece arrives this much later, in milliseconds. */
  | { readonly kind: "slow"; readonly ms: number }
  /** Every byte is a piece of its own. */
  | { readonly kind: "sliced" }
  /** Connections stay open and nothing goes through them any more. */
  | { readonly kind: "half-open" }
  /** Every connection is cut, and new ones are refused. */
  | { readonly kind: "parted" };

/** A cable between a program and a server that a test can damage. */
export interface FaultProxy {
  readonly port: number;
  become(passage: Passage): void;
  /** Cuts every connection that is open now. */
  reset(): void;
  /** Every connection that is open now stays open, and nothing goes through it any more; new ones are as before. */
  forget(): void;
  /** The next time a piece for the server holds these bytes it is passed on, and the way back is cut before the answer. */
  cutAfter(bytes: string): void;
  /** How often a connection was cut by `cutAfter`. */
  cuts(): number;
  close(): Promise<void>;
}

interface Pair {
  readonly sockets: readonly [Socket, Socket];
  /** True: nothing goes through any more. */
  isMute: boolean;
}

/** Makes the cable to a port of this machine. */
export async function createFaultProxy(target: number): Promise<FaultProxy> {
  let passage: Passage = { kind: "clean" };
  let armed: string | null = null;
  let cutCount = 0;
  const pairs = new Set<Pair>();

  const server = createServer((client) => {
    if (passage.kind === "parted") {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(target, "127.0.0.1");
    const pair: Pair = { sockets: [client, upstream], isMute: false };
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of pair.sockets) {
      socket.setNoDelay(true);
      socket.on("error", end).on("close", end);
    }
    const toServer = createLine(upstream, () => passage);
    const toClient = createLine(client, () => passage);
    client.on("data", (piece: Buffer) => {
      if (pair.isMute) {
        return;
      }
      const isCut = armed !== null && piece.includes(armed);
      if (isCut) {
        armed = null;
        cutCount += 1;
        pair.isMute = true;
      }
      toServer(piece);
      if (isCut) {
        // The server is given the time to act on what it has got; its answer is lost.
        setTimeout(() => {
          client.resetAndDestroy();
          end();
        }, 15);
      }
    });
    upstream.on("data", (piece: Buffer) => {
      if (!pair.isMute) {
        toClient(piece);
      }
    });
  });
  const port = await listen(server);
  const reset = (): void => {
    for (const { sockets } of pairs) {
      const [client, upstream] = sockets;
      client.resetAndDestroy();
      upstream.destroy();
    }
  };
  return {
    port,
    become: (next) => {
      // What was swallowed is lost for good: bytes of a stream cannot be missing in its middle.
      if (passage.kind === "half-open" || next.kind === "parted") {
        reset();
      }
      passage = next;
    },
    reset,
    forget: () => {
      for (const pair of pairs) {
        pair.isMute = true;
      }
    },
    cutAfter: (bytes) => {
      armed = bytes;
    },
    cuts: () => cutCount,
    close: async () => {
      reset();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** Passes pieces on in the order in which they came, whatever becomes of the cable meanwhile: a stream may be late, and never mixed up. */
function createLine(to: Socket, how: () => Passage): (piece: Buffer) => void {
  const waiting: { readonly piece: Buffer; readonly dueMs: number }[] = [];
  const drain = (): void => {
    const nowMs = performance.now();
    while (waiting[0] !== undefined && waiting[0].dueMs <= nowMs) {
      write(waiting.shift()?.piece ?? Buffer.alloc(0), to, how());
    }
    if (waiting[0] !== undefined) {
      setTimeout(drain, Math.max(1, waiting[0].dueMs - nowMs));
    }
  };
  return (piece) => {
    const passage = how();
    const lateMs = passage.kind === "slow" ? passage.ms : 0;
    if (waiting.length === 0 && lateMs === 0) {
      write(piece, to, passage);
      return;
    }
    const dueMs = Math.max(performance.now() + lateMs, waiting.at(-1)?.dueMs ?? 0);
    waiting.push({ piece, dueMs });
    if (waiting.length === 1) {
      setTimeout(drain, lateMs);
    }
  };
}

function write(piece: Buffer, to: Socket, { kind }: Passage): void {
  if (to.destroyed || kind === "half-open" || kind === "parted") {
    return;
  }
  const size = kind === "sliced" ? 1 : piece.length;
  for (let at = 0; at < piece.length; at += size) {
    to.write(piece.subarray(at, at + size));
  }
}

async function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}
