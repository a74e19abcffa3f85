import { describe, expect, test, vi } from "vitest";
import { serverErrors } from "../../../src/adapters/server/index.ts";
import type { ServerClient } from "../../../src/adapters/server/index.ts";
import { SkeinError } from "../../../src/core/base/errors.ts";
import { eventErrors } from "../../../src/core/events/index.ts";
import { followRemote } from "../../../src/mcp/forward/remote-follower.ts";

const board = { result: { contents: [{ text: '{"cursor":7}' }] } };

describe("followRemote", () => {
  test("begins with the next subscription where the server was away at the first", async () => {
    const routes: string[] = [];
    let isAway = true;
    const client: Pick<ServerClient, "ask" | "open"> = {
      ask: async () => {
        if (isAway) {
          throw new SkeinError(serverErrors.away);
        }
        return Promise.resolve(board);
      },
      open: async (route) => {
        routes.push(route);
        throw new SkeinError(serverErrors.refused);
      },
    };
    const log = vi.fn();
    const follower = followRemote({ client, context: { log } }, async () => Promise.resolve());
    await expect(follower.start()).rejects.toThrow();
    isAway = false;

    await follower.start();

    await vi.waitFor(() => {
      expect(routes).toEqual(["api/v1/events?since=7"]);
    });
    follower.stop();
  });

  test("goes on behind the new end of a log that lost its old one", async () => {
    const routes: string[] = [];
    const client: Pick<ServerClient, "ask" | "open"> = {
      ask: async () => Promise.resolve(board),
      open: async (route) => {
        routes.push(route);
        throw routes.length === 1
          ? new SkeinError(eventErrors.ahead, { facts: { last_seq: 4 } })
          : new SkeinError(serverErrors.refused);
      },
    };
    const told: number[] = [];
    const follower = followRemote({ client, context: { log: vi.fn() } }, async (events) => {
      told.push(...events.map(({ seq }) => seq));
      return Promise.resolve();
    });

    await follower.start();

    await vi.waitFor(() => {
      expect(routes).toEqual(["api/v1/events?since=7", "api/v1/events?since=4"]);
    });
    expect(told).toEqual([4]);
    follower.stop();
  });
});
