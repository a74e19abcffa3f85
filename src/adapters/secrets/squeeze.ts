/** A text without anything but letters and digits. */
export interface Squeezed {
  /** UTF-16 codes of what is left. */
  readonly codes: Uint16Array;
  /** Where each stood. */
  readonly places: Int32Array;
}

/** A piece that is left out, from `start` up to and without `end`. */
export interface Skipped {
  readonly start: number;
  readonly end: number;
}

/** Leaves out blanks, line breaks and signs, and the given pieces, which are in order and apart. */
export function squeeze(text: string, skipped: readonly Skipped[] = []): Squeezed {
  const codes = new Uint16Array(text.length);
  const places = new Int32Array(text.length);
  let length = 0;
  let from = 0;
  for (const { start, end } of [...skipped, { start: text.length, end: text.length }]) {
    for (let at = from; at < start; at += 1) {
      const code = text.charCodeAt(at);
      codes[length] = code;
      places[length] = at;
      length += isKept[code] ?? 0;
    }
    from = end;
  }
  return { codes: codes.subarray(0, length), places: places.subarray(0, length) };
}

/** 1 for the codes of ASCII's letters and digits and of everything beyond Latin's signs, 0 for the others. */
const isKept = Uint8Array.from({ length: 0x1_00_00 }, (_, code) =>
  code > 159 || /[A-Za-z0-9]/u.test(String.fromCharCode(code)) ? 1 : 0,
);
