import { createProvider } from "../src/adapters/models/index.ts";
import { systemRandom } from "../src/adapters/process/clock.ts";
import { systemTimer } from "../src/adapters/process/timer.ts";
import { createModels } from "../src/core/models/index.ts";
import type { LanguageModel } from "../src/core/models/index.ts";
import { aModel, aRequest } from "../test/support/models.ts";
import { say, startModelServer } from "../test/support/model-servers/index.ts";
import type { ModelServer } from "../test/support/model-servers/index.ts";
import { atLeast, atMost, isQuick, report } from "./support/figure.ts";
import type { Figure } from "./support/figure.ts";
import { rounded } from "./support/statistics.ts";
import { uncountedLedger } from "./support/uncounted-ledger.ts";

const calls = isQuick ? 50 : 200;
const slowCalls = isQuick ? 150 : 300;
const window = { requests: 15, windowMs: 2_000 };
/** Longer than the window: what such an answer tells of it is over. */
const slowMs = 3_000;

/**
 * Calls at once against a server that allows 15 in each window of 2 s and tells so in its headers, through the real client and all policies:
 * how many it turned away, and how much of what it allows was used. 200 that are answered at once, from the first on; and 300 that are answered
 * after 3 s, in their second half, when the rhythm of the windows has been learned. And how many it turned away where its limit is one of tokens.
 */
async function main(): Promise<void> {
  const formats = ["openai", "anthropic"] as const;
  const figures: Figure[] = [];
  for (const format of formats) {
    figures.push(...(await withServer(0, calls, { format, figuresOf: quickFigures })));
  }
  const slow = formats.map((format) =>
    withServer(slowMs, slowCalls, { format, figuresOf: slowFigures }),
  );
  const tokens = formats.map((format) => tokenFigures(format));
  report([...figures, ...(await Promise.all(slow)).flat(), ...(await Promise.all(tokens)).flat()]);
}

/** Some thirty calls at their worst fill a window. */
const tokenWindow = { all: 4_000, windowMs: 1_000 };

/** Calls at once against a limit of tokens alone. */
async function tokenFigures(format: Format): Promise<readonly Figure[]> {
  const server = await startModelServer({ tokenWindow, reply: () => "Yes." });
  try {
    await callAll(await openPort(server, format), calls);
    return [
      {
        name: `answers of 429 in ${String(calls)} calls, ${format} headers of tokens`,
        value: server.refused(),
        unit: "",
        target: atMost(0),
      },
    ];
  } finally {
    await server.close();
  }
}

interface Measure {
  readonly format: Format;
  readonly figuresOf: (server: ModelServer, format: Format) => readonly Figure[];
}

async function withServer(
  delayMs: number,
  count: number,
  { format, figuresOf }: Measure,
): Promise<readonly Figure[]> {
  const server = await startModelServer({ window, reply: () => say("Yes.", { delayMs }) });
  try {
    await callAll(await openPort(server, format), count);
    return figuresOf(server, format);
  } finally {
    await server.close();
  }
}

type Format = "openai" | "anthropic";

function openPort(server: ModelServer, format: Format): Promise<LanguageModel> {
  const provider =
    format === "openai"
      ? ({ kind: "openai-compatible", baseUrl: server.v1 } as const)
      : ({ kind: "anthropic", baseUrl: server.url } as const);
  const key = { reference: "env:BENCH", read: () => Promise.resolve("bench") };
  return createModels({
    providers: createProvider({ name: "claude", key, ...provider }),
    models: [aModel()],
    policyOf: () => ({
      rate: { tier: null, cap: null, mayQueue: true },
      concurrency: 64,
      timeoutMs: 30_000,
    }),
    chains: {},
    redactor: { redact: (text) => Promise.resolve({ text, found: [] }) },
    ledger: uncountedLedger,
    tape: null,
    tries: "by-cause",
    timer: systemTimer,
    random: systemRandom,
  });
}

/** The first call brings the first header; all others come at once. */
async function callAll(port: LanguageModel, count: number): Promise<void> {
  await port.generate(aRequest());
  await Promise.all(Array.from({ length: count - 1 }, () => port.generate(aRequest())));
}

/** The server's windows begin with it: so many calls need at least the whole windows before their last. */
function quickFigures(server: ModelServer, format: Format): readonly Figure[] {
  const leastMs = Math.floor((calls - 1) / window.requests) * window.windowMs;
  const lastMs = server.calls.at(-1)?.atMs ?? Number.POSITIVE_INFINITY;
  const used = rounded(Math.min(1, leastMs / lastMs));
  return [
    {
      name: `answers of 429 in ${String(calls)} calls, ${format} headers`,
      value: server.refused(),
      unit: "",
      target: atMost(0),
    },
    { name: `allowed rate used, ${format} headers`, value: used, unit: "x", target: atLeast(0.95) },
  ];
}

/** The calls of the second half, in the time that the server's limit lets them take at least. */
function slowFigures(server: ModelServer, format: Format): readonly Figure[] {
  const times = server.calls.map(({ atMs }) => atMs).slice(-Math.ceil(slowCalls / 2));
  const [firstMs = 0, lastMs = 0] = [times[0], times.at(-1)];
  const leastMs = ((times.length - 1) / window.requests) * window.windowMs;
  const what = `answers of ${String(slowMs / 1_000)} s, ${format} headers`;
  return [
    {
      name: `answers of 429 in ${String(slowCalls)} calls, ${what}`,
      value: server.refused(),
      unit: "",
      target: atMost(0),
    },
    {
      name: `allowed rate used in the second half, ${what}`,
      value: rounded(Math.min(1, leastMs / (lastMs - firstMs))),
      unit: "x",
      target: atLeast(0.95),
    },
  ];
}

await main();
