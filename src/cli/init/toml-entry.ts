/** A table's head: `[mcp_servers.skein]`. */
const head = /^\s*\[([^[\]]+)\]\s*(?:#.*)?$/u;
const assignment = /^\s*([^=#"']*(?:"[^"]*"|'[^']*')?[^=#"']*)=/u;

/**
 * The line, from 1, on which a text of TOML sets the table `parent.name`, or makes `parent` a value that takes no further table; null where
 * it does neither. A second table of that name would make the whole text invalid.
 */
export function lineOfEntry(text: string, parent: string, name: string): number | null {
  const own = `${parent}.${name}`;
  const found = namesIn(text).find(
    ({ key, isTable }) => key === own || key.startsWith(`${own}.`) || (key === parent && !isTable),
  );
  return found?.line ?? null;
}

interface Name {
  /** The whole key: its table's and its own. */
  readonly key: string;
  readonly isTable: boolean;
  readonly line: number;
}

/** What each line outside of texts over several lines names. */
function namesIn(text: string): readonly Name[] {
  let table = "";
  let isInText = false;
  return text.split("\n").flatMap((line, index): readonly Name[] => {
    const wasInText = isInText;
    isInText = (line.split(/"""|'''/u).length % 2 === 0) !== isInText;
    const named = wasInText ? undefined : head.exec(line)?.[1];
    if (named !== undefined) {
      table = plainKey(named);
      return [{ key: table, isTable: true, line: index + 1 }];
    }
    const key = wasInText ? undefined : assignment.exec(line)?.[1];
    const whole = table === "" ? plainKey(key ?? "") : `${table}.${plainKey(key ?? "")}`;
    return key === undefined ? [] : [{ key: whole, isTable: false, line: index + 1 }];
  });
}

/** A key without the quotes and blanks that TOML allows around its parts. */
function plainKey(key: string): string {
  return key
    .split(".")
    .map((part) => part.trim().replace(/^(["'])(.*)\1$/u, "$2"))
    .join(".");
}
