import type { ChangedFile, DiffLine, Hunk } from "../../src/core/review/index.ts";

/** Writes files as git writes a diff: the inverse of the parser, by other means. */
export function writeDiff(files: readonly ChangedFile[]): string {
  return files.map((file) => `${headerOf(file)}${file.hunks.map(hunkText).join("")}`).join("");
}

function headerOf(file: ChangedFile): string {
  const oldPath = file.oldPath ?? file.path;
  const lines = [`diff --git ${name("a/", oldPath)} ${name("b/", file.path)}`, ...modeOf(file)];
  if (file.isBinary) {
    lines.push(`Binary files ${name("a/", oldPath)} and ${name("b/", file.path)} differ`);
  } else if (file.hunks.length > 0) {
    const isCopy = file.oldPath !== null;
    const old = file.kind === "added" && !isCopy ? "/dev/null" : marked("a/", oldPath);
    lines.push(`--- ${old}`);
    lines.push(`+++ ${file.kind === "deleted" ? "/dev/null" : marked("b/", file.path)}`);
  }
  return `${lines.join("\n")}\n`;
}

function modeOf({ kind, oldPath, path }: ChangedFile): readonly string[] {
  if (oldPath !== null) {
    const word = kind === "renamed" ? "rename" : "copy";
    return [
      "similarity index 80%",
      `${word} from ${name("", oldPath)}`,
      `${word} to ${name("", path)}`,
    ];
  }
  switch (kind) {
    case "added":
      return ["new file mode 100644", "index 0000000..1234567"];
    case "deleted":
      return ["deleted file mode 100644", "index 1234567..0000000"];
    case "modified":
    case "renamed":
      return ["index 1234567..89abcde 100644"];
  }
}

function hunkText({ oldStart, newStart, section, lines }: Hunk): string {
  const olds = lines.filter(({ oldLine }) => oldLine !== null).length;
  const news = lines.filter(({ newLine }) => newLine !== null).length;
  const tail = section === "" ? "" : ` ${section}`;
  const head = `@@ -${String(oldStart)},${String(olds)} +${String(newStart)},${String(news)} @@${tail}`;
  return `${[head, ...lines.map((line) => `${signOf(line)}${line.text}`)].join("\n")}\n`;
}

function signOf({ kind }: DiffLine): string {
  return { added: "+", removed: "-", context: " " }[kind];
}

function name(prefix: string, path: string): string {
  const text = `${prefix}${path}`;
  return /["\\\p{Cc}]|[^\0-\x7f]/u.test(text) ? quoted(text) : text;
}

/** Git puts a tab behind a path with a space. */
function marked(prefix: string, path: string): string {
  const text = name(prefix, path);
  return path.includes(" ") && !text.startsWith('"') ? `${text}\t` : text;
}

function quoted(text: string): string {
  const bytes = Array.from(new TextEncoder().encode(text), (byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c
      ? `\\${byte.toString(8).padStart(3, "0")}`
      : String.fromCharCode(byte),
  );
  return `"${bytes.join("")}"`;
}
