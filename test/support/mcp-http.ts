import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { createHttpStand } from "./http-stand.ts";
import type { HttpStand, StandOptions } from "./http-stand.ts";

/** The real HTTP front over a coordinated repository, behind a door that adds the token: the official suite sends none. */
export interface HttpMount {
  readonly stand: HttpStand;
  readonly url: string;
  close(): Promise<void>;
}

export async function mountOverHttp(options: StandOptions = {}): Promise<HttpMount> {
  const stand = await createHttpStand(options);
  const target = new URL(stand.url);
  const door = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const passed = send(
      {
        host: target.hostname,
        port: target.port,
        method,
        path: url,
        // Names of hosts and pages go through as they came: judging them is the server's business.
        headers: { ...headers, authorization: `Bearer ${stand.token}` },
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      },
    );
    passed.on("error", () => outgoing.destroy());
    outgoing.on("close", () => passed.destroy());
    incoming.pipe(passed);
  });
  const { port } = await new Promise<AddressInfo>((resolve) => {
    door.listen(0, "127.0.0.1", () => {
      const address = door.address();
      resolve(
        typeof address === "object" && address !== null
          ? address
          : { address: "", family: "", port: 0 },
      );
    });
  });
  return {
    stand,
    url: `http://127.0.0.1:${String(port)}/mcp`,
    close: async () => {
      door.closeAllConnections();
      await new Promise((resolve) => {
        door.close(resolve);
      });
      await stand.close();
    },
  };
}
