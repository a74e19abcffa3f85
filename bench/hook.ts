import { spawnSync } from "node:child_process";
import { createCoordinatedRepository, plainEnv } from "../test/support/coordinated-repository.ts";
import { atMost, isQuick, report } from "./support/figure.ts";
import { skeinBin } from "./support/servers.ts";
import { median, quantile, rounded } from "./support/statistics.ts";

const rounds = isQuick ? 10 : 40;

/** A whole run of the edit hook, over a Node that does nothing; in turns. The target holds for medians; on a busy machine lower quartiles say more. */
async function main(): Promise<void> {
  const repository = await createCoordinatedRepository();
  const { root } = repository;
  await repository.claim("claude:other", ["src/b.ts"]);
  const edit = (path: string): string =>
    JSON.stringify({
      session_id: "0190f7a2-3c5e-7d11-a1b2-9f8e7d6c5b4a",
      cwd: root,
      hook_event_name: "PreToolUse",
      tool_name: "Edit",
      tool_use_id: "toolu_01",
      tool_input: { file_path: `${root}/${path}`, old_string: "1", new_string: "2" },
    });
  const hook = [skeinBin, "hook", "claude", "pre-edit"];
  const [free, foreign] = [edit("src/a.ts"), edit("src/b.ts")];
  checkAnswer(runNode(hook, root, foreign).answer, "deny");
  runNode(hook, root, free);
  const [nothingMs, freeMs, foreignMs]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < rounds; round += 1) {
    nothingMs.push(runNode(["-e", "0"], root, "").ms);
    freeMs.push(runNode(hook, root, free).ms);
    foreignMs.push(runNode(hook, root, foreign).ms);
  }
  await repository.remove();
  const nothing = median(nothingMs);
  const quickest = (ms: readonly number[]): number =>
    quantile(ms, 0.25) / quantile(nothingMs, 0.25);
  report([
    {
      name: "edit hook, own path, over `node -e 0`",
      value: rounded(median(freeMs) / nothing),
      unit: "x",
      target: atMost(1.6),
    },
    {
      name: "edit hook, foreign path, over `node -e 0`",
      value: rounded(median(foreignMs) / nothing),
      unit: "x",
      target: atMost(1.6),
    },
    {
      name: "edit hook, own path, lower quartiles",
      value: rounded(quickest(freeMs)),
      unit: "x",
      target: null,
    },
    {
      name: "edit hook, foreign path, lower quartiles",
      value: rounded(quickest(foreignMs)),
      unit: "x",
      target: null,
    },
    { name: "edit hook, own path", value: rounded(median(freeMs)), unit: "ms", target: null },
    { name: "`node -e 0`", value: rounded(nothing), unit: "ms", target: null },
  ]);
}

interface Run {
  readonly ms: number;
  readonly answer: string;
}

function runNode(args: readonly string[], cwd: string, input: string): Run {
  const start = performance.now();
  const { status, stdout } = spawnSync(process.execPath, args, {
    cwd,
    input,
    env: { ...plainEnv },
    encoding: "utf8",
  });
  const ms = performance.now() - start;
  if (status !== 0) {
    throw new Error(`${args.join(" ")} ended with ${String(status)}.`);
  }
  return { ms, answer: stdout };
}

/** What is measured must be the real decision. */
function checkAnswer(answer: string, word: string): void {
  if (!answer.includes(word)) {
    throw new Error(`The hook was expected to ${word}; it answered ${answer}`);
  }
}

await main();
