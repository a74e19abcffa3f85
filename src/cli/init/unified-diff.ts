/** Lines of context around a change. */
const contextLines = 3;

/** The change of one file as people read it: `--- a`, `+++ b`, hunks. Empty when nothing changes. */
export function unifiedDiff(path: string, before: string | null, after: string | null): string {
  if (before === after) {
    return "";
  }
  const heads = [
    `--- ${before === null ? "/dev/null" : `a/${path}`}`,
    `+++ ${after === null ? "/dev/null" : `b/${path}`}`,
  ];
  return [...heads, ...hunk(linesOf(before), linesOf(after))].join("\n");
}

function linesOf(text: string | null): readonly string[] {
  if (text === null || text === "") {
    return [];
  }
  return (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
}

/** One hunk from the first differing line to the last: what Skein changes in a file stands close together. */
function hunk(before: readonly string[], after: readonly string[]): readonly string[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) {
    head += 1;
  }
  let tail = 0;
  while (
    tail < before.length - head &&
    tail < after.length - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) {
    tail += 1;
  }
  const start = Math.max(0, head - contextLines);
  const kept = Math.min(contextLines, tail);
  const span = (lines: readonly string[]): string =>
    `${String(lines.length === 0 ? 0 : start + 1)},${String(lines.length - tail + kept - start)}`;
  return [
    `@@ -${span(before)} +${span(after)} @@`,
    ...before.slice(start, head).map((line) => ` ${line}`),
    ...before.slice(head, before.length - tail).map((line) => `-${line}`),
    ...after.slice(head, after.length - tail).map((line) => `+${line}`),
    ...after.slice(after.length - tail, after.length - tail + kept).map((line) => ` ${line}`),
  ];
}
