/** The pages that are written from the sources: tests hold the committed ones to these. */
import { catalog } from "../src/cli/catalog.ts";
import type { ArgumentSpec } from "../src/cli/command.ts";
import { errorCatalog } from "../src/cli/error-catalog.ts";
import { exitCodes } from "../src/cli/exit.ts";

/** `docs/errors.md`. */
export function errorsPage(): string {
  const kinds = Object.entries(exitCodes).map(([kind, code]) => `- ${kind}: ${String(code)}`);
  const entries = errorCatalog.flatMap(({ code, kind, title, cause, fix }) => [
    `## ${code}`,
    "",
    `${title} (${kind}, ends with ${String(exitCodes[kind])})`,
    "",
    `- Why: ${cause}`,
    `- Next: ${fix}`,
    "",
  ]);
  return [
    "# Errors",
    "",
    "Every failure has a code that keeps its meaning for ever. `skein explain SKN-####` prints the same text as this page, which is",
    "written from the sources with `npm run schema`.",
    "",
    "Each kind of error has its exit code:",
    "",
    ...kinds,
    "",
    ...entries,
  ].join("\n");
}

/** `docs/cli.md` with its list of commands made anew. */
export function commandsPage(page: string): string {
  const rows = catalog
    .filter(({ isHidden }) => isHidden !== true)
    .map(({ name, args, options, summary }) => {
      const words = [name, ...args.map(argumentText)].join(" ");
      const flags = options.map(({ flags: each }) => `\`${each}\``).join(", ");
      return `- \`skein ${words}\`: ${summary}${flags === "" ? "" : ` (${flags})`}`;
    });
  return page.replace(
    /<!-- commands -->[\s\S]*<!-- \/commands -->/u,
    () => `<!-- commands -->\n\n${rows.join("\n")}\n\n<!-- /commands -->`,
  );
}

function argumentText({ name, count }: ArgumentSpec): string {
  const texts = { one: name, optional: `[${name}]`, many: `${name}...`, any: `[${name}...]` };
  return texts[count].toUpperCase();
}
