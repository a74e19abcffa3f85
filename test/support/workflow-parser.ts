import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as parser from "@actions/workflow-parser";
import { buildSync } from "esbuild";

type Parser = typeof parser;

/** Says what GitHub's own parser has against a workflow; empty: nothing. */
export type CheckWorkflow = (name: string, content: string) => Promise<readonly string[]>;

/**
 * Loads GitHub's parser of workflows. The package imports JSON in a way that Node refuses, so it is bundled first.
 */
export function loadWorkflowParser(): CheckWorkflow {
  const { parseWorkflow, convertWorkflowTemplate, NoOperationTraceWriter } = bundledParser();
  return async (name, content) => {
    const { context, value } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
    const found = context.errors.getErrors().map(({ message }) => message);
    if (found.length > 0 || value === undefined) {
      return found.length > 0 ? found : ["It is empty."];
    }
    const { errors = [], jobs } = await convertWorkflowTemplate(context, value);
    return jobs.length === 0 ? ["It has no job."] : errors.map(({ Message: message }) => message);
  };
}

function bundledParser(): Parser {
  const folder = mkdtempSync(join(tmpdir(), "skein-parser-"));
  const outfile = join(folder, "parser.cjs");
  buildSync({
    stdin: { contents: 'export * from "@actions/workflow-parser";', resolveDir: process.cwd() },
    bundle: true,
    platform: "node",
    outfile,
    logLevel: "silent",
  });
  const loaded: Parser = createRequire(import.meta.url)(outfile);
  rmSync(folder, { recursive: true });
  return loaded;
}
