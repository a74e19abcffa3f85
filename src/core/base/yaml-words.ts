/** What the reader of YAML found: its own code and message. */
export interface YamlSlip {
  readonly code: string;
  readonly message: string;
}

/** What is wrong by the reader's code, and what is allowed there. */
const sentences: ReadonlyMap<string, string> = new Map([
  ["ALIAS_PROPS", "An alias (`*name`) has neither a tag nor an anchor."],
  ["BAD_ALIAS", "An anchor (`&name`) and an alias (`*name`) need a name without `:` at its end."],
  ["BAD_COLLECTION_TYPE", "The tag does not fit to what follows; write it without one."],
  ["BAD_DIRECTIVE", "A line that begins with `%` is no part of the file; take it out."],
  [
    "BAD_DQ_ESCAPE",
    "The text in double quotes has an escape that YAML does not know: write `\\\\` for a backslash, or use single quotes.",
  ],
  [
    "BAD_INDENT",
    "The indentation does not fit: the entries of one section begin in the same column, those below it further right.",
  ],
  ["BAD_PROP_ORDER", "An anchor or a tag stands after the `-`, `?` or `:`, not before it."],
  ["BLOCK_AS_IMPLICIT_KEY", "A section and a list begin on a new line, all entries in one column."],
  ["BLOCK_IN_FLOW", "Within `{ }` and `[ ]` everything stands in such brackets, or in one line."],
  ["DUPLICATE_KEY", "The key stands twice in this section; each stands once."],
  ["KEY_OVER_1024_CHARS", "A key has at most 1,024 characters."],
  ["MULTILINE_IMPLICIT_KEY", "A key and its `:` stand on one line; perhaps a quote is not closed."],
  ["MULTIPLE_ANCHORS", "A value has at most one anchor (`&name`)."],
  ["MULTIPLE_DOCS", "The file holds more than one YAML document."],
  ["MULTIPLE_TAGS", "A value has at most one tag."],
  ["NON_STRING_KEY", "A key is a word, no list and no section."],
  ["RESOURCE_EXHAUSTION", "Values are nested too deeply."],
  ["TAB_AS_INDENT", "A tab stands where the line is indented; YAML is indented with spaces alone."],
  [
    "TAG_RESOLVE_FAILED",
    "The tag (`!name`) is none that is read here; write the value without it.",
  ],
]);

/** Signs of which the reader says that they are missing. */
const missingSign = /(?:end with an? |[Mm]issing (?:closing )?)(["'\]}:,])/u;

/** Says in words of ours what the reader of YAML found, and what is allowed. The text of the file is not repeated. */
export function yamlSentence({ code, message }: YamlSlip): string {
  const sign = missingSign.exec(message)?.[1];
  if (sign !== undefined) {
    return `\`${sign}\` is missing before this place.`;
  }
  const badStart = /cannot start with (?:reserved character |\w+ )*(\S+)/u.exec(message)?.[1];
  if (code === "BAD_SCALAR_START" && badStart !== undefined) {
    return `A text that begins with ${badStart} stands in quotes.`;
  }
  return sentences.get(code) ?? unexpectedText(code, message);
}

function unexpectedText(code: string, message: string): string {
  if (code === "MISSING_CHAR") {
    return /white space/u.test(message)
      ? "A space is missing before this place."
      : "A key is followed by `:` and a space, an entry of a list begins with `- `.";
  }
  return "This cannot stand here: a key is followed by `:` and its value, an entry of a list begins with `- `; texts with signs stand in quotes.";
}
