import { openChannel } from "../../adapters/leading/channel.ts";
import type { Seat } from "../../adapters/leading/seat.ts";
import { reply } from "../reply.ts";
import type { Way } from "./way.ts";

/** The way to the process that was elected among those of this store, over its socket. Rejects where nobody listens there. */
export async function wayToSeat(seat: Seat): Promise<Way> {
  const channel = await openChannel(seat);
  return {
    process: seat,
    isOpen: () => channel.isOpen(),
    ask: async ({ tool, body, caller, isWaiting, signal }) => {
      const answer = await channel.ask({ tool, body, caller: { ...caller }, isWaiting, signal });
      if (answer.kind === "lost") {
        return answer;
      }
      const result = reply(answer.answer);
      return { kind: "answered", result: answer.isError ? { ...result, isError: true } : result };
    },
    close: () => {
      channel.close();
    },
  };
}
