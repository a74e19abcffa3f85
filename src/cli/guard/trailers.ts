import type { Git } from "../../adapters/git/index.ts";
import type { ClaimMark } from "../../core/rules/index.ts";

const taskKey = "Skein-Task";
const fenceKey = "Skein-Fence";

/**
 * Takes an older fence of the same task out of a message: an amended commit is one of the claim that stands now. A fence belongs to the
 * task named on the line before it, so that the marks of other tasks, as in a squash, stay.
 */
export function withoutOldFence(message: string, { task, fence }: ClaimMark): string {
  const lines = message.split("\n");
  const kept = lines.filter((line, index) => {
    const isFence = line.startsWith(`${fenceKey}:`);
    const before = lines[index - 1]?.trim() ?? "";
    const isOld = line.trim() !== `${fenceKey}: ${String(fence)}`;
    return !(isFence && isOld && before === `${taskKey}: ${task}`);
  });
  return kept.join("\n");
}

/** True when a message already has the pair, one line after the other. */
export function hasMark(message: string, { task, fence }: ClaimMark): boolean {
  const lines = message.split("\n").map((line) => line.trim());
  return lines.some(
    (line, index) =>
      line === `${taskKey}: ${task}` && lines[index + 1] === `${fenceKey}: ${String(fence)}`,
  );
}

/** Writes the trailers of claims into the file of a commit message, where git puts trailers. The same again changes nothing. */
export async function addTrailers(
  git: Git,
  file: { readonly path: string; readonly text: string },
  marks: readonly ClaimMark[],
): Promise<string> {
  let text = file.text;
  for (const mark of marks) {
    if (!hasMark(text, mark)) {
      text = await withTrailers(git, withoutTask(withoutOldFence(text, mark), mark), mark);
    }
  }
  return text;
}

/** Writes which session made a commit, for those who read the published ledger. Amended by another one, it names both. */
export async function addSession(git: Git, text: string, session: string): Promise<string> {
  const args = ["interpret-trailers", "--if-exists=addIfDifferent", "--trailer"];
  const { stdout } = await git.run([...args, `Skein-Session: ${session}`], { input: ended(text) });
  return stdout;
}

/** A task's name without a fence behind it was left by `withoutOldFence`: the pair is written anew. */
function withoutTask(message: string, { task }: ClaimMark): string {
  const lines = message.split("\n");
  return lines
    .filter(
      (line, index) =>
        line.trim() !== `${taskKey}: ${task}` ||
        lines[index + 1]?.startsWith(`${fenceKey}:`) === true,
    )
    .join("\n")
    .replace(/\n\n+$/u, "\n");
}

async function withTrailers(git: Git, text: string, { task, fence }: ClaimMark): Promise<string> {
  const { stdout } = await git.run(
    [
      "interpret-trailers",
      "--if-exists=add",
      "--trailer",
      `${taskKey}: ${task}`,
      "--trailer",
      `${fenceKey}: ${String(fence)}`,
    ],
    { input: ended(text) },
  );
  return stdout;
}

/** A merge's message has no end of its last line, and git then leaves out the empty line before trailers: they are none without it. */
function ended(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}
