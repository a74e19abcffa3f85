/** The claim under which a commit says that it was made. Anybody can write it into a message. */
export interface ClaimMark {
  /** `PLAN/TASK`. */
  readonly task: string;
  readonly fence: number;
}

const taskLine = /^Skein-Task: ([\w.-]{1,200}\/[\w.-]{1,200})$/u;
const fenceLine = /^Skein-Fence: (\d{1,15})$/u;

/** The most of a message that is looked at. */
const maxMessageChars = 65_536;

/** The marks in a commit's message: each task with the fence on the line behind it. */
export function readMarks(message: string): readonly ClaimMark[] {
  const lines = linesOf(message);
  return lines.flatMap((line, index) => {
    const task = taskLine.exec(line)?.[1];
    const fence = fenceLine.exec(lines[index + 1] ?? "")?.[1];
    return task === undefined || fence === undefined ? [] : [{ task, fence: Number(fence) }];
  });
}

/** The session that says that it made a commit, in the clone that publishes under that name. As much proof as any text. */
export interface SessionMark {
  readonly publisher: string;
  readonly session: string;
}

const sessionLine = /^Skein-Session: (\w{8,64})\/(s\d{1,15})$/u;

/** The sessions that a commit's message names. */
export function readSessions(message: string): readonly SessionMark[] {
  return linesOf(message).flatMap((line) => {
    const [, publisher, session] = sessionLine.exec(line) ?? [];
    return publisher === undefined || session === undefined ? [] : [{ publisher, session }];
  });
}

/** The keys of the trailers in a message's last paragraph, in lower case. */
export function trailerKeys(message: string): ReadonlySet<string> {
  const lines = linesOf(message.trimEnd());
  const start = lines.lastIndexOf("") + 1;
  const keys = lines
    .slice(start)
    .flatMap((line) => /^([A-Za-z][A-Za-z0-9-]{0,63}):\s*\S/u.exec(line)?.[1]?.toLowerCase() ?? []);
  // The first line of a message is its subject, never a trailer.
  return new Set(start === 0 ? [] : keys);
}

function linesOf(message: string): readonly string[] {
  return message
    .slice(-maxMessageChars)
    .split("\n")
    .map((line) => line.trim());
}
