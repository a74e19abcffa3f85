import { ModelError } from "../../src/core/models/index.ts";
import type {
  GenerateRequest,
  LanguageModel,
  Model,
  ModelFault,
} from "../../src/core/models/index.ts";

/** What a scripted reviewer answers: a text, a fault, or nothing until the call is given up. */
export type ScriptedReply =
  | string
  | { readonly fault: ModelFault }
  | { readonly hang: true }
  | { readonly text: string; readonly model: Model };

export interface ScriptedPanel extends LanguageModel {
  readonly requests: readonly GenerateRequest[];
}

/** A port that answers by seat and phase; each call uses 1 000 tokens in and 100 out. */
export function createScriptedPanel(
  reply: (call: {
    readonly seat: number;
    readonly phase: string;
    readonly prompt: string;
  }) => ScriptedReply,
): ScriptedPanel {
  const requests: GenerateRequest[] = [];
  return {
    requests,
    generate: async <T>(request: GenerateRequest<T>) => {
      requests.push(request);
      const prompt = request.messages.map(({ text }) => text).join("\n");
      const { seat, phase } = request.tag;
      const answer = reply({ seat: Number(seat), phase, prompt });
      if (typeof answer === "object" && "hang" in answer) {
        await new Promise<void>((resolve) => {
          if (request.signal.aborted) {
            resolve();
          }
          request.signal.addEventListener("abort", () => resolve(), { once: true });
        });
        throw new ModelError({ fault: "aborted", message: "It was given up." });
      }
      if (typeof answer === "object" && "fault" in answer) {
        throw new ModelError({ fault: answer.fault, message: `It is ${answer.fault}.` });
      }
      const text = typeof answer === "string" ? answer : answer.text;
      return {
        text,
        object: null,
        usage: { inputTokens: 1_000, outputTokens: 100, cacheReadTokens: 0, cacheWriteTokens: 0 },
        finish: "stop" as const,
        model: typeof answer === "string" ? request.model : answer.model,
        limits: null,
        isCached: false,
      };
    },
  };
}

/** A reply to the vote prompt: the same vote on all that it asks for. */
export function voteAll(prompt: string, vote: string): string {
  const ids = /Vote on each of: (?<ids>[^.]+)\./u.exec(prompt)?.groups?.["ids"] ?? "";
  const votes = ids.split(", ").map((id) => ({ id, vote, reason: `I ${vote} ${id}.` }));
  return JSON.stringify({ votes });
}

/** A reply to the generate prompt. */
export function findingsReply(...findings: readonly Readonly<Record<string, unknown>>[]): string {
  return JSON.stringify({ findings });
}
