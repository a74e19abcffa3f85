import { isLooseObject, ownText } from "../core/base/loose-object.ts";
import type { BotContext } from "./context.ts";

/** The run that an earlier job set the money aside for; null: none did. */
export function runIn({ received }: BotContext): string | null {
  const run = isLooseObject(received?.payload) ? ownText(received.payload, "run") : null;
  return run !== null && /^[\w-]{1,64}$/u.test(run) ? run : null;
}
