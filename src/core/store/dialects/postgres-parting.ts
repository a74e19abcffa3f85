import type { DriverClient } from "./postgres-answers.ts";

/** A connection that tells when it has ended. */
export interface EndingClient extends DriverClient {
  once(event: "end", listener: () => void): unknown;
}

/** Sees connections off when their pool ends. */
export interface Parting {
  /** Is told of each connection that was made. */
  note(client: EndingClient): void;
  /** From now on what nothing is asked on has to close. */
  begin(): void;
}

/** How long a server may take to close a connection on which nothing is asked any more, in milliseconds; at most twice as long. */
const partingMs = 1_000;

/**
 * Makes it for connections of which it can be told whether something is asked on them. A server that stands still closes none, and neither the end of
 * the pool nor that of the process would come: such a connection is cut.
 */
export function createParting(isAsked: (client: DriverClient) => boolean): Parting {
  const open = new Set<EndingClient>();
  let quiet = new Set<EndingClient>();
  const look = (timer: NodeJS.Timeout): void => {
    const still = [...open].filter((client) => !isAsked(client));
    for (const { connection } of still.filter((client) => quiet.has(client))) {
      connection.stream.destroy();
    }
    quiet = new Set(still);
    if (open.size === 0) {
      clearInterval(timer);
    }
  };
  return {
    note: (client) => {
      open.add(client);
      client.once("end", () => {
        open.delete(client);
      });
    },
    begin: () => {
      const timer: NodeJS.Timeout = setInterval(() => {
        look(timer);
      }, partingMs).unref();
    },
  };
}
