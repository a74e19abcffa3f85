import { createCommandRunner } from "../src/cli/serve/command-runner.ts";
import { readVersion } from "../src/cli/version.ts";
import { openApi } from "../src/http/index.ts";

/** The text of `schema/openapi.json`, made from the tables that `skein serve` answers from. */
export function openApiJson(): string {
  return `${JSON.stringify(openApi(readVersion(), createCommandRunner().commands), null, 2)}\n`;
}
