import { isUtf8 } from "node:buffer";

/** Bytes that are no text in UTF-8, with where that begins. */
export class NoUtf8Error extends Error {
  override readonly name = "NoUtf8Error";
}

/** The text that bytes are in UTF-8. Others are refused: a letter that becomes a question mark is a change that nobody sees. */
export function textOf(bytes: Buffer): string {
  const text = bytes.toString();
  if (isUtf8(bytes)) {
    return text;
  }
  const before = text.slice(0, text.indexOf("\uFFFD")).split("\n");
  const column = (before.at(-1) ?? "").length + 1;
  throw new NoUtf8Error(
    `it is no UTF-8 from line ${String(before.length)}, column ${String(column)} on`,
  );
}
