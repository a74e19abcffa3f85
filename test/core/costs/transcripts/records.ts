/** Records as hosts write them, made from what a test wants in them. */

export interface ClaudeAnswer {
  readonly id: string;
  readonly model?: string | undefined;
  readonly at?: string | undefined;
  readonly usage?: Readonly<Record<string, unknown>> | undefined;
}

const claudeUsage = {
  input_tokens: 10,
  output_tokens: 20,
  cache_read_input_tokens: 300,
  cache_creation_input_tokens: 40,
  service_tier: "standard",
};

export const claudeSession = "0190f7a2-3c5e-7d11-a1b2-9f8e7d6c5b4a";

export function claudeLine(answer: ClaudeAnswer): string {
  const { id, model = "claude-opus-5", at = "2026-11-20T10:00:00.000Z", usage } = answer;
  return JSON.stringify({
    parentUuid: null,
    isSidechain: false,
    cwd: "/repo",
    sessionId: claudeSession,
    type: "assistant",
    message: {
      id,
      type: "message",
      role: "assistant",
      model,
      content: [{ type: "text", text: "x" }],
      usage: { ...claudeUsage, ...usage },
    },
    requestId: "req_1",
    uuid: `${id}-line`,
    timestamp: at,
  });
}

export const claudeFirstLine = JSON.stringify({
  type: "user",
  cwd: "/repo",
  sessionId: claudeSession,
  message: { role: "user", content: 'count the "usage"' },
  timestamp: "2026-11-20T09:59:00.000Z",
});

export const codexSession = "0199aaaa-0000-7000-8000-000000000001";

export interface CodexSums {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
}

export function codexMeta(rest: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    timestamp: "2026-11-20T10:00:00.000Z",
    type: "session_meta",
    payload: { id: codexSession, cwd: "/repo", originator: "codex_cli_rs", ...rest },
  });
}

export function codexTurn(model = "gpt-5.3-codex"): string {
  return JSON.stringify({
    timestamp: "2026-11-20T10:00:01.000Z",
    type: "turn_context",
    payload: { cwd: "/repo", model },
  });
}

export function codexCount(total: CodexSums, last: CodexSums = total): string {
  return JSON.stringify({
    timestamp: "2026-11-20T10:00:02.000Z",
    type: "event_msg",
    payload: {
      type: "token_count",
      info: { total_token_usage: usageOf(total), last_token_usage: usageOf(last) },
      rate_limits: null,
    },
  });
}

function usageOf({ input, cached, output }: CodexSums): Readonly<Record<string, number>> {
  return {
    input_tokens: input,
    cached_input_tokens: cached,
    output_tokens: output,
    reasoning_output_tokens: 0,
    total_tokens: input + output,
  };
}
