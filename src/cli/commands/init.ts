import { describeStore, setUpStore } from "../../compose.ts";
import type { Call } from "../command.ts";
import { runInit } from "../init/init.ts";
import { checkServer } from "../init/live-check.ts";

/** `skein init`. */
export async function init(call: Call): Promise<number> {
  const { io, options, globals } = call;
  const agents = options.text("agents");
  return runInit(
    {
      yes: options.flag("yes"),
      dryRun: options.flag("dryRun"),
      remove: options.flag("remove"),
      portable: options.flag("portable"),
      json: globals.json,
      agents: agents === null ? null : agents.split(/[\s,]+/u).filter((name) => name !== ""),
    },
    {
      cwd: io.cwd,
      env: io.env,
      out: (line) => {
        io.write(`${line}\n`);
      },
      warn: (line) => {
        io.warn(line);
      },
      confirm: globals.input
        ? async (question) => /^y(?:es)?$/iu.test((await io.ask(`${question} [y/N] `)).trim())
        : null,
      openStore: async ({ root }) => {
        const { skein } = await setUpStore({ cwd: root, env: io.env });
        await skein.close();
      },
      describeStore: ({ root }) => describeStore({ cwd: root, env: io.env }),
      check: checkServer,
    },
  );
}
