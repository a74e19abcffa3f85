/** A file of the project that tells reviewers what to look at, as it stands on the base: the change under review cannot alter it. */
export interface Instruction {
  /** As `REVIEW.md`, or `src/pay/REVIEW.md`, which speaks of what lies below `src/pay/`. */
  readonly path: string;
  readonly text: string;
}

/** The names under which instructions are looked for, at the root and in the folders of the changed files. */
export const instructionNames = ["REVIEW.md", "AGENTS.md"] as const;

/** All instructions together; what is beyond is cut, and said. */
const maxChars = 12_000;

/** The paths where instructions for these changed files may stand, the root's first. */
export function instructionPaths(changed: readonly string[]): readonly string[] {
  const folders = new Set([""]);
  for (const path of changed) {
    const parts = path.split("/").slice(0, -1);
    for (let depth = 1; depth <= parts.length; depth += 1) {
      folders.add(`${parts.slice(0, depth).join("/")}/`);
    }
  }
  return [...folders].flatMap((folder) => instructionNames.map((name) => `${folder}${name}`));
}

/** Puts the instructions that speak of the changed files into one text; empty when there are none. */
export function instructionText(
  instructions: readonly Instruction[],
  changed: readonly string[],
): string {
  const asked = instructionPaths(changed);
  const parts = asked.flatMap((path) =>
    instructions
      .filter((instruction) => instruction.path === path)
      .map(({ text }) => `# ${path}\n${text.trim()}`),
  );
  const text = parts.join("\n\n");
  return text.length <= maxChars ? text : `${text.slice(0, maxChars)}\n[the rest is cut]`;
}
