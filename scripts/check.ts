/** `npm run check`: format, lint, types, unused code, then the unit tests. Goes on after a failure, so that one run shows all. */
import { run } from "./run.ts";

const steps: readonly (readonly [command: string, ...args: string[]])[] = [
  ["oxfmt", "--check", "."],
  ["oxlint"],
  ["tsc", "--noEmit", "-p", "tsconfig.json"],
  ["knip"],
];

// `npm test` runs every test; a caller that runs both says `--static` here.
const tests: typeof steps = process.argv.includes("--static")
  ? []
  : [["vitest", "run", "--project", "unit", "--reporter=dot"]];

const results = [...steps, ...tests].map(([command, ...args]) => {
  const begunAt = performance.now();
  const isGreen = run(command, args) === 0;
  const seconds = ((performance.now() - begunAt) / 1000).toFixed(1);
  return { isGreen, line: `${isGreen ? "ok    " : "FAILED"} ${command} (${seconds} s)` };
});

console.log(["", ...results.map(({ line }) => line)].join("\n"));
process.exitCode = results.every(({ isGreen }) => isGreen) ? 0 : 1;
