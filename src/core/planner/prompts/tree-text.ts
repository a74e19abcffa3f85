/** Shows a tree in bounded space: all files of a small one; of a large one its folders with counts, and files whose names the text says. */
export function treeText(paths: readonly string[], text: string): string {
  if (paths.length <= mostFiles) {
    return paths.join("\n");
  }
  const counts = new Map<string, number>();
  for (const path of paths) {
    const parts = path.split("/");
    for (let depth = 1; depth < Math.min(parts.length, deepest + 1); depth += 1) {
      const folder = `${parts.slice(0, depth).join("/")}/`;
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
  }
  const folders = [...counts]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .slice(0, mostFolders)
    .map(([folder, count]) => `${folder} (${String(count)} files)`);
  const named = namedIn(paths, text);
  return [
    `${String(paths.length)} files, of which only folders and files that the text may mean are shown.`,
    ...folders,
    ...named,
  ].join("\n");
}

const mostFiles = 400;
const mostFolders = 200;
const mostNamed = 200;
const deepest = 3;

/** Files whose name, without its ending, is a word of the text. */
function namedIn(paths: readonly string[], text: string): readonly string[] {
  const words = new Set(text.toLowerCase().match(/[\p{L}\p{N}]{4,}/gu) ?? []);
  const found: string[] = [];
  for (const path of paths) {
    const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
    const parts = name.match(/[\p{L}\p{N}]{4,}/gu) ?? [];
    if (parts.some((part) => words.has(part))) {
      found.push(path);
      if (found.length >= mostNamed) {
        break;
      }
    }
  }
  return found;
}
