import { ModelError } from "../src/core/models/index.ts";
import type { LanguageModel, Model } from "../src/core/models/index.ts";
import { createTokens } from "../src/core/models/index.ts";
import { findingsOf, anchorsOf } from "../src/core/review/findings.ts";
import { packFiles, parseDiff } from "../src/core/review/index.ts";
import type { SwarmOutcome } from "../src/core/review/swarm/request.ts";
import { usualLimits } from "../src/core/review/limits.ts";
import { createSwarm } from "../src/core/review/swarm/swarm.ts";
import { seatPanel } from "../src/core/review/vote/panel.ts";
import { systemTimer } from "../src/adapters/process/timer.ts";
import { createRedactor } from "../src/adapters/secrets/index.ts";
import { redacting } from "../src/core/models/policies/redacting.ts";
import { runChecks } from "../src/core/review/index.ts";
import { atMost, isQuick, report } from "./support/figure.ts";
import { quantile, rounded } from "./support/statistics.ts";

/** What a review costs besides its models, and whether ten seats wait for each other. */
const lines = 3_000;
const rounds = isQuick ? 3 : 9;
const latencyMs = isQuick ? 300 : 1_000;

async function main(): Promise<void> {
  await review(0);
  const cpuMs: number[] = [];
  const grown: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const heap = process.memoryUsage().heapUsed;
    const before = process.cpuUsage();
    await review(0);
    const { user, system } = process.cpuUsage(before);
    cpuMs.push((user + system) / 1_000);
    grown.push((process.memoryUsage().heapUsed - heap) / 1_000_000);
  }
  const start = performance.now();
  await review(latencyMs);
  const wall = performance.now() - start;
  report([
    {
      name: "review of 3,000 lines by 10 seats without its models, CPU, median",
      value: rounded(quantile(cpuMs, 0.5)),
      unit: "ms",
      target: atMost(300),
    },
    {
      name: "the same, heap grown before it is collected, largest",
      value: rounded(Math.max(...grown)),
      unit: "MB",
      target: atMost(100),
    },
    {
      name: "10 seats at two calls each over the latency of two calls",
      value: rounded(wall / (2 * latencyMs)),
      unit: "x",
      target: atMost(1.1),
    },
  ]);
}

/** From the diff's text to findings: parsing, checks, packing, prompts, redaction, replies, pool, tally, anchors. */
async function review(delayMs: number): Promise<void> {
  const files = parseDiff(diff);
  // A redactor of its own for each review, as a process has: it keeps what it has looked at.
  const redactor = createRedactor({ known: async () => ["known-value-of-a-key-1234567890"] });
  await runChecks(files, { redactor, hasPath: () => true });
  const tokens = createTokens();
  const panel = seatPanel({ preset: "critical", models });
  const swarm = createSwarm({
    model: redacting({ redactor, onEvent: () => undefined })(scripted(delayMs)),
    tokens,
    timer: systemTimer,
    costOf: (_, { inputTokens, outputTokens }) => inputTokens + outputTokens,
  });
  const outcome: SwarmOutcome = await swarm.run({
    run: "R1",
    seed: "bench",
    panel,
    packing: packFiles(files, {
      tokensOf: (text) => tokens.ofText(text),
      packTokens: 200_000,
      maxPacks: 1,
    }),
    files,
    instructions: "",
    description: "",
    limits: usualLimits,
    room: null,
    signal: new AbortController().signal,
  });
  const findings = findingsOf({
    outcome,
    anchors: anchorsOf(outcome, files),
    thresholds: { preset: 70, severity: {}, category: {} },
    records: [],
  });
  if (findings.length < 10 || !outcome.isComplete) {
    throw new Error(`The bench found ${String(findings.length)} findings.`);
  }
}

/** A reviewer with ten candidates, who confirms all. */
function scripted(delayMs: number): LanguageModel {
  return {
    generate: async (request) => {
      await systemTimer.sleep(delayMs, request.signal);
      if (request.signal.aborted) {
        throw new ModelError({ fault: "aborted", message: "It was given up." });
      }
      const prompt = request.messages.map(({ text }) => text).join("\n");
      return {
        text: request.tag.phase === "vote" ? votes(prompt) : candidates(Number(request.tag.seat)),
        object: null,
        usage: { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 },
        finish: "stop",
        model: request.model,
        limits: null,
        isCached: false,
      };
    },
  };
}

function candidates(seat: number): string {
  return JSON.stringify({
    findings: Array.from({ length: 10 }, (_, index) => {
      const file = (seat * 3 + index) % 30;
      const line = 10 + index * 7;
      return {
        path: `src/f${String(file)}.ts`,
        line,
        end_line: line,
        severity: "high",
        category: "correctness",
        title: `Value ${String(line)} of file ${String(file)} overflows`,
        body: "It is added without a bound, and wraps around when many come at once.",
        quoted: codeOf(file, line),
        symbol: null,
        failing_input: null,
      };
    }),
  });
}

function votes(prompt: string): string {
  const ids = /Vote on each of: (?<ids>[^.]+)\./u.exec(prompt)?.groups?.["ids"] ?? "";
  return JSON.stringify({
    votes: ids.split(", ").map((id) => ({ id, vote: "confirm", reason: "It holds." })),
  });
}

function codeOf(file: number, line: number): string {
  return `  const value${String(line)} = compute(input${String(file)}, ${String(line)}) + offset;`;
}

const perFile = lines / 30;
const diff = Array.from({ length: 30 }, (_, file) => {
  const path = `src/f${String(file)}.ts`;
  const body = Array.from({ length: perFile }, (__, index) => `+${codeOf(file, index + 1)}`);
  return [
    `diff --git a/${path} b/${path}`,
    "new file mode 100644",
    "--- /dev/null",
    `+++ b/${path}`,
    `@@ -0,0 +1,${String(perFile)} @@`,
    ...body,
  ].join("\n");
}).join("\n");

const models: readonly Model[] = (["large", "medium", "small"] as const).map((size, index) => ({
  name: size,
  provider: size,
  id: size,
  family: `family-${String(index)}`,
  size,
  weight: 1_000,
  takes: {
    temperature: true,
    reasoning: null,
    tokenParameter: "max_tokens",
    thinkingTokens: 0,
    headers: {},
  },
}));

await main();
