import type { Answer, Call } from "../command.ts";
import { examine } from "../doctor/index.ts";
import type { Finding, Level } from "../doctor/index.ts";
import { painter } from "../output.ts";

/** `skein doctor [--fix]`: ends with 1 when something fails. */
export async function doctor({ io, options, globals }: Call): Promise<Answer> {
  const findings = await examine(io, { mends: options.flag("fix") });
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
