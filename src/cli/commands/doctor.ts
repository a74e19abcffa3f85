import { homedir } from "node:os";
import { createSecrets } from "../../adapters/secrets/index.ts";
import type { AppCredentials } from "../../compose-github.ts";
import { SkeinError } from "../../core/base/errors.ts";
import type { Answer, Call } from "../command.ts";
import { examine } from "../doctor/index.ts";
import type { Finding, Level } from "../doctor/index.ts";
import { cliErrors } from "../errors.ts";
import { painter } from "../output.ts";

/** `skein doctor [--fix]`: ends with 1 when something fails. */
export async function doctor({ io, options, globals }: Call): Promise<Answer> {
  const app = await appOf({ io, options });
  const findings = await examine(io, { mends: options.flag("fix"), app });
  const fails = findings.filter(({ level }) => level === "fail").length;
  const warns = findings.filter(({ level }) => level === "warn").length;
  return {
    data: {
      healthy: fails === 0,
      fails,
      warns,
      findings: findings.map(({ id, level, what, why, fix, also, mend }) => ({
        id,
        level,
        what,
        why,
        fix,
        also,
        can_fix: mend !== null,
        docs: docsOf(id),
      })),
    },
    lines: [
      ...findings.toSorted(byLevel).flatMap((finding) => findingLines(finding, globals.color)),
      "",
      `${String(fails)} failed, ${String(warns)} ${warns === 1 ? "warning" : "warnings"}, ${String(findings.length)} looked at.`,
    ],
    exitCode: fails === 0 ? 0 : 1,
  };
}

/** @throws {SkeinError} SKN-1010 where one of the two options is missing, SKN-2971, SKN-397x. */
async function appOf({
  io,
  options,
}: Pick<Call, "io" | "options">): Promise<AppCredentials | null> {
  const [appId, key] = [options.number("appId"), options.text("privateKey")];
  if (appId === null && key === null) {
    return null;
  }
  if (appId === null || key === null) {
    throw new SkeinError(cliErrors.badUsage, {
      message: "An App is looked at with both of `--app-id` and `--private-key`.",
      fix: "Give both, as `skein bot` has them.",
    });
  }
  const secrets = createSecrets({ env: io.env, home: homedir() });
  return { appId, privateKey: await secrets.resolve(key, "with --private-key") };
}

function docsOf(id: string): string {
  return `docs/cli.md#${id}`;
}

const order: readonly Level[] = ["fail", "warn", "note", "ok"];

function byLevel(one: Finding, other: Finding): number {
  return order.indexOf(one.level) - order.indexOf(other.level);
}

function findingLines(
  { id, level, what, why, fix, also }: Finding,
  hasColor: boolean,
): readonly string[] {
  const paint = painter(hasColor);
  const colors = { fail: paint.red, warn: paint.yellow, note: paint.bold, ok: paint.green };
  const head = `${colors[level](level.padEnd(4))}  ${id}: ${what}`;
  return level === "ok"
    ? [head]
    : [
        head,
        ...also.map((fault) => `      Also: ${fault}`),
        `      Why:  ${why}`,
        `      Fix:  ${fix}`,
        `      Docs: ${docsOf(id)}`,
      ];
}
