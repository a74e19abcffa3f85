import { createGit, defaultBranch, readCommitted } from "../../adapters/git/index.ts";
import type { Git } from "../../adapters/git/index.ts";
import { needRepository } from "../../compose.ts";
import { evaluate, explainLines, explainMarkdown } from "../../core/rules/index.ts";
import type { JsonObject } from "../../core/base/json.ts";
import type { Policy, RuleRow, RulesResult, Snapshot } from "../../core/rules/index.ts";
import { parseRulesSettings, settingsFiles } from "../../settings.ts";
import type { Answer, Call } from "../command.ts";
import { exitCodes } from "../exit.ts";
import { readLocalSnapshot } from "../rules/local-snapshot.ts";
import { readRange } from "../rules/range.ts";

/**
 * `skein rules explain [BRANCH | BASE..HEAD]`: ends with 0 when the rules hold, with 5 when only leases of others stand against it (waiting
 * helps), with 9 when it is not allowed, with 1 when something could not be judged.
 */
export async function explainRules(call: Call): Promise<Answer> {
  const { io, options, args } = call;
  const git = createGit({ cwd: needRepository(io.cwd).root, env: io.env });
  const range = await readRange(git, args[0] ?? null);
  const { policy, from } = await committedPolicy(git);
  const snapshot = await readLocalSnapshot(git, {
    io,
    range,
    isPublished: options.flag("ledger"),
    nowMs: Date.now(),
  });
  const result = evaluate(policy, snapshot);
  return {
    data: {
      conclusion: result.conclusion,
      summary: result.summary,
      base: { ref: range.base.ref, sha: range.base.sha },
      head: { ref: range.head.ref, sha: range.head.sha },
      rules_from: from,
      ledger: snapshot.ledger.kind === "known" ? snapshot.ledger.value.source : null,
      policy_hash: result.policyHash,
      rows: result.rows.map(rowData),
    },
    lines: options.flag("markdown")
      ? explainMarkdown(result).split("\n")
      : [headLine(range, from), "", ...explainLines(result)],
    exitCode: exitCodeOf(result),
  };
}

interface CommittedPolicy {
  readonly policy: Policy;
  /** Where it stands, or null where nobody chose. */
  readonly from: string | null;
}

/** What a worktree or the branch under judgement says does not count. */
async function committedPolicy(git: Git): Promise<CommittedPolicy> {
  const found = await readCommitted(git, settingsFiles);
  if (found === null) {
    return { policy: { require: null, generated: [] }, from: null };
  }
  const policy: Policy = await parseRulesSettings(found.text, found.file);
  const branch = (await defaultBranch(git)) ?? "";
  return { policy, from: policy.require === null ? null : `${found.file} on ${branch}` };
}

function headLine({ base, head }: Pick<Snapshot, "base" | "head">, from: string | null): string {
  const name = head.ref ?? head.sha.slice(0, 12);
  return `${name} into ${base.ref}, by ${from ?? "the rules that hold where nobody chose"}:`;
}

function rowData({ isAdvisory, places, ...row }: RuleRow): JsonObject {
  return {
    ...row,
    is_advisory: isAdvisory,
    places: places.map(({ isWarning, ...place }) => ({ ...place, is_warning: isWarning })),
  };
}

function exitCodeOf({ conclusion, rows }: RulesResult): number {
  switch (conclusion) {
    case "pass":
      return 0;
    case "error":
      return exitCodes.failed;
    case "fail": {
      const failing = rows.filter(({ result, isAdvisory }) => result === "fail" && !isAdvisory);
      return failing.every(({ kind }) => kind === "leases") ? exitCodes.conflict : exitCodes.unsafe;
    }
    default:
      return conclusion satisfies never;
  }
}
