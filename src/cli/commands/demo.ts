import type { Call } from "../command.ts";
import { runDemo } from "../demo/demo.ts";

/** `skein demo`: ends with 1 when the run with Skein was not clean. */
export async function demo({ io, globals, options }: Call): Promise<number> {
  return runDemo(
    {
      repo: options.text("repo"),
      plan: options.text("plan"),
      agents: options.number("agents"),
      seed: options.number("seed"),
      kills: options.number("kills"),
      json: globals.json,
      keep: options.flag("keep"),
    },
    io,
  );
}
