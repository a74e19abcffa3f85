/** `npm run schema`, second part: writes the pages and the schema of the command line. */
import { readFileSync, writeFileSync } from "node:fs";
import { commandsPage, errorsPage } from "./cli-pages.ts";
import { cliJsonSchema } from "./cli-schema.ts";
import { openApiJson } from "./openapi.ts";

writeFileSync("docs/errors.md", errorsPage());
writeFileSync("docs/cli.md", commandsPage(readFileSync("docs/cli.md", "utf8")));
writeFileSync("schema/cli.schema.json", cliJsonSchema());
writeFileSync("schema/openapi.json", openApiJson());
