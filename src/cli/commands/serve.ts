import { resolve } from "node:path";
import { SkeinError } from "../../core/base/errors.ts";
import { logFormats, serve as serveHttp } from "../../http/index.ts";
import type { LogFormat } from "../../http/index.ts";
import { isSwitchedOn, wordOf } from "../../settings.ts";
import { givenProject } from "../../store-place.ts";
import type { Call } from "../command.ts";
import { cliErrors } from "../errors.ts";
import { printRecord } from "../output.ts";
import { servedLine } from "../serve/served-line.ts";
import { createCommandRunner } from "../serve/command-runner.ts";
import { readVersion } from "../version.ts";

const usualPort = 7_433;

/** `skein serve`: serves until it is told to stop. */
export async function serve({ io, options, globals }: Call): Promise<number> {
  const tokenFile = options.text("tokenFile");
  const logFormat = logFormatOf(options.text("logFormat"), io.env);
  return serveHttp({
    cwd: io.cwd,
    env: io.env,
    host: options.text("host") ?? "127.0.0.1",
    port: options.number("port") ?? usualPort,
    tokenFile: tokenFile === null ? null : resolve(io.cwd, tokenFile),
    isAuthAsked: isSwitchedOn(io.env, "SKEIN_AUTH") || options.flag("auth"),
    version: readVersion(),
    commands: createCommandRunner(),
    signals: process,
    onListening: ({ url, tokenFile: file, store, projects }) => {
      if (globals.json) {
        printRecord({ url, token_file: file, store, projects }, io);
        return;
      }
      io.write(`${servedLine({ url, store, projects }, givenProject(io.env))}\n`);
      io.write(`The token for this machine is in ${file}.\n`);
    },
    logFormat,
    write: (line) => {
      io.warn(logFormat === "json" ? line : `skein serve: ${line}`);
    },
  });
}

/** @throws {SkeinError} SKN-1005 for a form that there is not, SKN-2005 where the variable names it. */
function logFormatOf(text: string | null, env: Call["io"]["env"]): LogFormat {
  const wanted = (text ?? "").trim();
  if (wanted === "") {
    return wordOf(env, "SKEIN_LOG_FORMAT", logFormats) ?? "text";
  }
  const format = logFormats.find((each) => each === wanted);
  if (format === undefined) {
    throw new SkeinError(cliErrors.badValue, {
      message: `The log cannot be ${JSON.stringify(wanted.slice(0, 40))}.`,
      fix: "Give --log-format as text or json.",
      facts: { option: "--log-format", value: wanted.slice(0, 40) },
    });
  }
  return format;
}
