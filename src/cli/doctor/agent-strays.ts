import { serverKeys } from "../init/toml-block.ts";
import { namesIn } from "../init/toml-entry.ts";
import { placeOfLines } from "../init/toml-marks.ts";
import { trouble } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** Settings that somebody wrote among Skein's lines or below them, where they are of the table above and no longer of the file. */
export function examineStrays(label: string, text: string): readonly Finding[] {
  const place = placeOfLines(text);
  const [first] =
    place === null
      ? []
      : namesIn(text).filter(
          ({ path: [parent, name, key = ""], line }) =>
            line > place.firstLine && parent === "mcp_servers" && name === "skein" && isStray(key),
        );
  return first === undefined
    ? []
    : [
        trouble("warn", "agent-stray", {
          what: `${label}, line ${String(first.line)}: \`${first.path.slice(2).join(".")}\` stands ${first.line > (place?.lastLine ?? 0) ? "below" : "among"} Skein's lines, and so belongs to the server \`skein\`.`,
          why: "Without a table's head of its own it is no setting of Codex, which may refuse the whole server for it.",
          fix: "Move it, and what follows it up to the next `[table]`, to the top of the file.",
        }),
      ];
}

function isStray(key: string): boolean {
  return key !== "" && !serverKeys.has(key);
}
