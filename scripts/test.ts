/** `npm test [-- FILTER...]`: runs the tests and ends with the line `N passed, N failed`. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countTests, closingLine } from "./closing-line.ts";
import { run } from "./run.ts";

const directory = mkdtempSync(join(tmpdir(), "skein-test-"));
const report = join(directory, "report.json");

const status = run("vitest", [
  "run",
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
]);
const counts = countTests(existsSync(report) ? readFileSync(report, "utf8") : null, status);
rmSync(directory, { recursive: true });

console.log(closingLine(counts));
process.exitCode = counts.failed > 0 ? status || 1 : status;
