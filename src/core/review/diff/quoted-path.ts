/** A path as git wrote it in quotes, and where the text after the closing quote begins. */
export interface QuotedPath {
  readonly path: string;
  readonly end: number;
}

const letters: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  '"': 34,
  "\\": 92,
};

/**
 * Reads a path that git quoted as a C string: letters after a backslash, and bytes as three octal digits. The bytes are UTF-8; what is no
 * UTF-8 becomes U+FFFD. Null where the text at `start` is not such a path.
 */
export function readQuotedPath(text: string, start: number): QuotedPath | null {
  if (text.charAt(start) !== '"') {
    return null;
  }
  const encoder = new TextEncoder();
  const bytes: number[] = [];
  let index = start + 1;
  while (index < text.length) {
    const point = text.codePointAt(index) ?? 0;
    const character = String.fromCodePoint(point);
    if (character === '"') {
      return { path: new TextDecoder().decode(Uint8Array.from(bytes)), end: index + 1 };
    }
    if (character === "\\") {
      const escape = readEscape(text, index + 1);
      if (escape === null) {
        return null;
      }
      bytes.push(escape.byte);
      index = escape.end;
    } else {
      bytes.push(...encoder.encode(character));
      index += character.length;
    }
  }
  return null;
}

function readEscape(text: string, index: number): { byte: number; end: number } | null {
  const octal = /^[0-3][0-7]{2}/u.exec(text.slice(index, index + 3))?.[0];
  if (octal !== undefined) {
    return { byte: Number.parseInt(octal, 8), end: index + 3 };
  }
  const letter = text.charAt(index);
  const byte = Object.hasOwn(letters, letter) ? letters[letter] : undefined;
  return byte === undefined ? null : { byte, end: index + 1 };
}
