/**
 * Reads `git diff-tree --stdin -r -z -M -c --raw`: the paths of each commit, both sides of renames. Of a merge git lists what differs from
 * all parents.
 */
export function parseCommitPaths(text: string): ReadonlyMap<string, readonly string[]> {
  const byCommit = new Map<string, string[]>();
  const fields = text.split("\0");
  let paths: string[] = [];
  for (let index = 0; index < fields.length; index += 1) {
    const field = fields[index] ?? "";
    const states = /^:.* ([A-Z]+)\d*$/u.exec(field)?.[1];
    if (states !== undefined) {
      // A merge's states are one letter a parent, and only one path follows.
      const count = /^[RC]$/u.test(states) ? 2 : 1;
      const named = fields.slice(index + 1, index + 1 + count);
      paths.push(...(states === "C" ? named.slice(1) : named));
      index += count;
    } else if (/^[0-9a-f]{40,64}$/u.test(field)) {
      paths = [];
      byCommit.set(field, paths);
    }
  }
  return byCommit;
}
