import { systemTimer } from "../../adapters/process/timer.ts";
import { interruptedCode } from "../exit.ts";
import { openScreen, stopping } from "../screen.ts";
import { runAt } from "./call-server.ts";
import type { RemoteCall } from "./call-server.ts";

/** How often the board is asked for: a server has many who watch. */
const everyMs = 2_000;

/** `skein top` over a server: its board, every two seconds. */
export async function topOfServer(remote: RemoteCall): Promise<number> {
  const { call } = remote;
  const screen = openScreen(call);
  const stop = stopping(call, screen.isLive);
  const status = { ...remote, spec: { ...remote.spec, name: "status" } };
  let left = call.options.number("count") ?? Number.POSITIVE_INFINITY;
  try {
    while (!stop.signal.aborted && left > 0) {
      const outcome = await runAt(status, { args: [], options: {}, input: null, outFile: null });
      if (outcome.exitCode !== 0) {
        call.io.warn(outcome.stderr.trimEnd());
        return outcome.exitCode;
      }
      if (call.globals.json) {
        call.io.write(`${JSON.stringify(JSON.parse(outcome.stdout))}\n`);
      } else {
        screen.show(outcome.stdout.trimEnd().split("\n"));
      }
      left -= 1;
      await (left > 0 ? systemTimer.sleep(everyMs, stop.signal) : null);
    }
  } finally {
    stop.close();
    screen.close();
  }
  return call.io.signal.aborted ? interruptedCode : 0;
}
