import { findDotEnv } from "../../worktree-settings.ts";
import { counted } from "../counted.ts";
import { fine, trouble } from "./finding.ts";
import type { Finding, Patient } from "./finding.ts";

/** Looks at the `.env` of the worktree: whether it counts, and what of it does not. */
export async function examineDotEnv({ repository, env }: Patient): Promise<readonly Finding[]> {
  const { state, why, values, left } = await findDotEnv({ root: repository.root, env });
  if (state === "none") {
    return [];
  }
  if (state !== "read") {
    return [
      trouble("warn", `dotenv-${state}`, {
        what: `.env is not read. ${why ?? ""}`,
        why: "It counts as one person's own settings, which nobody else may have written.",
        fix:
          state === "tracked"
            ? "git rm --cached .env && echo .env >> .gitignore"
            : "Make it a plain file of your own: `chmod 600 .env`.",
      }),
    ];
  }
  const read =
    values.size === 0 ? [] : [fine("dotenv", `.env gives ${counted(values.size, "setting")}.`)];
  return [
    ...read,
    ...left.map(({ name, line, why: reason }) =>
      trouble("warn", "dotenv-left-out", {
        what: `.env, line ${String(line)}: ${name} does not count. ${reason}`,
        why: "Whoever wrote it expects that it does.",
        fix: "Take the line out, and say it where it counts.",
      }),
    ),
  ];
}
