import { connect, createServer } from "node:net";
import type { Socket } from "node:net";

/** One address in front of several nodes, as a team's load balancer is. */
export interface TcpBalancer {
  readonly port: number;
  close(): Promise<void>;
}

/** Passes each connection on to the next node that takes it. */
export async function createTcpBalancer(ports: readonly number[]): Promise<TcpBalancer> {
  const open = new Set<Socket>();
  let turn = 0;
  const server = createServer((client) => {
    turn += 1;
    const order = ports.map((_, at) => ports[(turn + at) % ports.length] ?? 0);
    passOn(client, order, open);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    close: async () => {
      for (const socket of open) {
        socket.destroy();
      }
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

function passOn(client: Socket, [port, ...others]: readonly number[], open: Set<Socket>): void {
  client.on("error", () => undefined);
  if (port === undefined) {
    client.destroy();
    return;
  }
  const node = connect(port, "127.0.0.1");
  let isThere = false;
  node.once("connect", () => {
    isThere = true;
    for (const socket of [client, node]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.once("close", () => {
        open.delete(socket);
        client.destroy();
        node.destroy();
      });
    }
    client.pipe(node).pipe(client);
  });
  node.on("error", () => {
    if (!isThere) {
      passOn(client, others, open);
    }
  });
}
