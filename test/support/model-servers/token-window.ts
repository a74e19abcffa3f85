import type { ModelCall } from "./call.ts";

/** Tokens in each window; what is left out has no limit. */
export interface TokenWindowOptions {
  readonly input?: number | undefined;
  readonly output?: number | undefined;
  readonly all?: number | undefined;
  readonly windowMs: number;
}

/** A server's own limit of tokens in windows of fixed borders. A call counts at its worst when it comes, as providers do it. */
export interface TokenWindow {
  admit(call: ModelCall): {
    readonly isAdmitted: boolean;
    readonly headers: Readonly<Record<string, string>>;
  };
}

export function createTokenWindow({ windowMs, ...limits }: TokenWindowOptions): TokenWindow {
  let startMs = performance.now();
  let used: Record<Counts, number> = { input: 0, output: 0, all: 0 };
  return {
    admit: (call) => {
      const nowMs = performance.now();
      if (nowMs - startMs >= windowMs) {
        startMs += Math.floor((nowMs - startMs) / windowMs) * windowMs;
        used = { input: 0, output: 0, all: 0 };
      }
      const needs = needsOf(call);
      const told = kinds.flatMap((counts) => {
        const limit = limits[counts];
        return limit === undefined ? [] : [{ counts, limit }];
      });
      const isAdmitted = told.every(({ counts, limit }) => used[counts] + needs[counts] <= limit);
      if (isAdmitted) {
        used = {
          input: used.input + needs.input,
          output: used.output + needs.output,
          all: used.all + needs.all,
        };
      }
      const resetMs = Math.max(1, Math.ceil(startMs + windowMs - nowMs));
      const headers = told.flatMap(({ counts, limit }) =>
        headersOf(call, { counts, limit, remaining: limit - used[counts], resetMs }),
      );
      const wait: readonly (readonly [string, string])[] = isAdmitted
        ? []
        : [["retry-after", String(Math.ceil(resetMs / 1_000))]];
      return { isAdmitted, headers: Object.fromEntries([...headers, ...wait]) };
    },
  };
}

type Counts = "input" | "output" | "all";

const kinds: readonly Counts[] = ["input", "output", "all"];

/** A token for four characters, as the answers' usage has it, and the longest answer. */
function needsOf({ system, prompt, maxTokens }: ModelCall): Readonly<Record<Counts, number>> {
  const input = Math.ceil((system.length + prompt.length) / 4);
  const output = maxTokens ?? 0;
  return { input, output, all: input + output };
}

interface Told {
  readonly counts: Counts;
  readonly limit: number;
  readonly remaining: number;
  readonly resetMs: number;
}

function headersOf(
  { format }: ModelCall,
  { counts, limit, remaining, resetMs }: Told,
): readonly (readonly [string, string])[] {
  const name = counts === "all" ? "tokens" : `${counts}-tokens`;
  if (format === "anthropic") {
    const prefix = `anthropic-ratelimit-${name}`;
    return [
      [`${prefix}-limit`, String(limit)],
      // Whole thousands, as the provider has it.
      [`${prefix}-remaining`, String(Math.round(remaining / 1_000) * 1_000)],
      [`${prefix}-reset`, new Date(Date.now() + resetMs).toISOString()],
    ];
  }
  return [
    [`x-ratelimit-limit-${name}`, String(limit)],
    [`x-ratelimit-remaining-${name}`, String(remaining)],
    [`x-ratelimit-reset-${name}`, `${String(resetMs)}ms`],
  ];
}
