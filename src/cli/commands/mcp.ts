import { openStandardInput, runMcpServer } from "../../mcp/index.ts";
import type { Call } from "../command.ts";

/** `skein mcp`: serves until its client is gone or it is told to stop. */
export async function mcp({ io }: Call): Promise<number> {
  await runMcpServer({
    cwd: io.cwd,
    env: io.env,
    streams: { input: openStandardInput(), output: process.stdout, log: process.stderr },
    signals: process,
  });
  return 0;
}
