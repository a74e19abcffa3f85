/** An answer to one of the calls of a connection. */
export interface AnswerLine {
  readonly id: number;
  /** The answer's bytes; their memory is that of the line. */
  readonly answer: Uint8Array;
}

const equals = 0x3d;
const space = 0x20;
const zero = 0x30;

/** An answer on the wire between processes of one user: it goes on to the agent as it stands, so that nobody has to read and write it once more. */
export function answerLine(id: number, text: string): string {
  return `=${String(id)} ${text}`;
}

/** Null for any other line. */
export function answerIn(line: Uint8Array): AnswerLine | null {
  const place = line[0] === equals ? numberAt(line, 1) : null;
  return place === null ? null : { id: place.number, answer: line.subarray(place.end) };
}

/** A number of a line. */
export interface NumberAt {
  readonly number: number;
  /** Where what follows it begins, behind one space. */
  readonly end: number;
}

/** The whole number that begins at a place and ends with a space; null where there is none. */
export function numberAt(line: Uint8Array, start: number): NumberAt | null {
  let number = 0;
  let at = start;
  for (; at < line.length && line[at] !== space; at += 1) {
    const digit = (line[at] ?? 0) - zero;
    if (digit < 0 || digit > 9) {
      return null;
    }
    number = number * 10 + digit;
  }
  return at === start || at === line.length || !Number.isSafeInteger(number)
    ? null
    : { number, end: at + 1 };
}
