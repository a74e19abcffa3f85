/** `npm test [-- FILTER...]`: runs the tests and ends with the line `N passed, N failed`. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { countTests, closingLine } from "./closing-line.ts";
import { contractLines } from "./contract-names.ts";
import { run } from "./run.ts";
import { createScratch } from "./scratch.ts";

const { folder, temporary } = createScratch();
const report = join(folder, "report.json");

const status = run(
  "vitest",
  [
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { env: { TMPDIR: temporary, TEMP: temporary, TMP: temporary } },
);
const text = existsSync(report) ? readFileSync(report, "utf8") : null;
const counts = countTests(text, status);
rmSync(folder, { recursive: true, force: true, maxRetries: 5 });

// Whoever runs a part of the tests by hand reads their names above.
if (process.env["CI"] !== undefined) {
  console.log(["", ...contractLines(text), ""].join("\n"));
}

console.log(closingLine(counts));
process.exitCode = counts.failed > 0 ? status || 1 : status;
