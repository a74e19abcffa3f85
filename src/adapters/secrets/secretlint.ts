import type { Span } from "./spans.ts";

/** Comments in a text must not turn the search off: whoever wrote the text may want just that. */
const obeysText = "@secretlint/secretlint-rule-filter-comments";

/** What secretlint's recommended rules find; they are loaded at the first call. */
export async function secretlintSpans(text: string): Promise<readonly Span[]> {
  const [{ lintSource }, { rules }, { secretLintProfiler }] = await Promise.all([
    import("@secretlint/core"),
    import("@secretlint/secretlint-rule-preset-recommend"),
    import("@secretlint/profiler"),
  ]);
  // It would keep marks of every call for ever.
  secretLintProfiler.setEnabled(false);
  const { messages } = await lintSource({
    source: { filePath: "prompt.txt", content: text, ext: ".txt", contentType: "text" },
    options: {
      noPhysicFilePath: true,
      config: {
        rules: rules
          .filter(({ meta }) => meta.id !== obeysText)
          .map((rule) => ({ id: rule.meta.id, rule, options: {} })),
      },
    },
  });
  return messages.map(({ range: [start, end], ruleId }) => ({
    start,
    end,
    kind: ruleId.replace(/^.*\/(?:secretlint-rule-)?/u, ""),
  }));
}
