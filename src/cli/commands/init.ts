import { describeStore, setUpStore } from "../../compose.ts";
import type { Call } from "../command.ts";
import { chooseServer, noteServer } from "../init/choose-server.ts";
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
      openStore: async (repository) => {
        const server = await chooseServer(repository, io.env);
        if (server !== null) {
          await noteServer(repository, server, io.env);
          return;
        }
        const { skein } = await setUpStore({ cwd: repository.root, env: io.env });
        await skein.close();
      },
      describeStore: async (repository) => {
        const server = await chooseServer(repository, io.env);
        return server === null
          ? describeStore({ cwd: repository.root, env: io.env })
          : {
              shown: server.record.url,
              project: null,
              needsAgreement: server.needsAgreement,
              token: server.record.token,
            };
      },
      check: checkServer,
    },
  );
}
