import { resolve } from "node:path";
import { serve as serveHttp } from "../../http/index.ts";
import type { Call } from "../command.ts";
import { printRecord } from "../output.ts";
import { createCommandRunner } from "../serve/command-runner.ts";
import { readVersion } from "../version.ts";

const usualPort = 7_433;

/** `skein serve`: serves until it is told to stop. */
export async function serve({ io, options, globals }: Call): Promise<number> {
  const tokenFile = options.text("tokenFile");
  return serveHttp({
    cwd: io.cwd,
    env: io.env,
    host: options.text("host") ?? "127.0.0.1",
    port: options.number("port") ?? usualPort,
    tokenFile: tokenFile === null ? null : resolve(io.cwd, tokenFile),
    isAuthAsked: options.flag("auth") || io.env["SKEIN_AUTH"] === "1",
    version: readVersion(),
    commands: createCommandRunner(),
    signals: process,
    onListening: ({ url, tokenFile: file, store, projects }) => {
      if (globals.json) {
        printRecord({ url, token_file: file, store, projects }, io);
        return;
      }
      io.write(`Skein serves ${projects.join(", ")} of ${store} at ${url}.\n`);
      io.write(`The token for this machine is in ${file}.\n`);
    },
    log: (line) => {
      io.warn(`skein serve: ${line}`);
    },
  });
}
