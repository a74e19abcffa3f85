/** An answer to one of the calls of a connection. */
export interface AnswerLine {
  readonly id: number;
  /** The result, as JSON. */
  readonly text: string;
}

/** An answer on the wire between processes of one user: its result goes on to the agent as it stands, so that nobody has to read and write it once more. */
export function answerLine({ id, text }: AnswerLine): string {
  return `=${String(id)} ${text}`;
}

/** Null for any other line. */
export function answerIn(line: string): AnswerLine | null {
  const end = line.indexOf(" ");
  const id = line.startsWith("=") && end > 1 ? Number(line.slice(1, end)) : Number.NaN;
  return Number.isSafeInteger(id) ? { id, text: line.slice(end + 1) } : null;
}
