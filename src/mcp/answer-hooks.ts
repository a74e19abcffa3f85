import { parsePathPattern, patternMatches } from "../core/leases/index.ts";
import type { OpenProject } from "../compose.ts";
import { startAnswerServer } from "./hooks/answer-server.ts";
import type { AnswerServer } from "./hooks/answer-server.ts";
import { notesIn } from "./hooks/open-ledger.ts";

/**
 * Lets the hooks of a sandboxed agent, which may not write to the store, ask this process. Null where that is not possible; the tools work
 * all the same.
 */
export async function answerHooks(
  { skein, repository, settings }: OpenProject,
  env: Readonly<Record<string, string | undefined>>,
): Promise<AnswerServer | null> {
  const { caseInsensitive } = settings.leases;
  const policy = {
    caseInsensitive: caseInsensitive === "auto" ? repository.ignoresCase : caseInsensitive,
  };
  const generated = settings.generated.map((pattern) => parsePathPattern(pattern));
  return startAnswerServer({
    skein,
    repository,
    env,
    pid: process.pid,
    notes: notesIn(repository),
    isExempt: async (path) =>
      Promise.resolve(generated.some((pattern) => patternMatches(pattern, path, policy))),
  });
}
