import { createHookProcess } from "../../mcp/hooks/hook-process.ts";
import type { Call } from "../command.ts";

/** `skein hook HOST EVENT`, where options came before the word; plain calls go to the hooks' own entry (`bin/start.js`). */
export async function hook({ args }: Call): Promise<number> {
  return createHookProcess().run(args);
}
