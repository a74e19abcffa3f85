import { openModels } from "../../compose-models.ts";
import type { OpenModels } from "../../compose-models.ts";
import type { SkeinError } from "../../core/base/errors.ts";
import type { JsonObject } from "../../core/base/json.ts";
import { exactUsd } from "../../core/costs/index.ts";
import type { Price } from "../../core/costs/index.ts";
import { ModelError, tellModelError, tierOf } from "../../core/models/index.ts";
import type { Model, RateLimits } from "../../core/models/index.ts";
import type { Answer, Call } from "../command.ts";
import { exitCodes } from "../exit.ts";
import { makingProject, whoCalls } from "../project.ts";

/** How one model fared. */
interface Checked {
  readonly model: Model;
  readonly price: Price | null;
  /** From the question to the answer, loading the provider's client included. */
  readonly latencyMs: number;
  readonly limits: RateLimits | null;
  readonly error: SkeinError | null;
}

/** `skein models check`: ends with 0 when every model answered, else with the code of the first that did not. */
export async function checkModels(call: Call): Promise<Answer> {
  return makingProject(call, async (project) => {
    const { env, signal } = call.io;
    const { actor } = await whoCalls(call, project);
    const open = await openModels(project, {
      env,
      purpose: {},
      actor,
      // Checks are no run: what they cost would add up under one name.
      runLimit: null,
      tape: null,
      tries: "once",
    });
    const checked = await Promise.all(open.models.map((model) => check(open, model, signal)));
    const failed = checked.find(({ error }) => error !== null)?.error ?? null;
    return {
      data: { models: checked.map(checkedData), notes: open.notes },
      lines: [...checked.flatMap(checkedLines), ...open.notes],
      exitCode: failed === null ? 0 : exitCodes[failed.kind],
    };
  });
}

async function check(open: OpenModels, model: Model, signal: AbortSignal): Promise<Checked> {
  const startMs = performance.now();
  const ended = (limits: RateLimits | null, error: SkeinError | null): Checked => ({
    model,
    price: open.priceOf(model),
    latencyMs: Math.round(performance.now() - startMs),
    limits,
    error,
  });
  try {
    const { limits } = await open.port.generate({
      model,
      messages: [{ role: "user", text: "Answer with one word: ready" }],
      maxOutputTokens: 16,
      temperature: null,
      signal,
      tag: { run: "check", seat: model.name, phase: "check", occurrence: 1 },
    });
    return ended(limits, null);
  } catch (error) {
    if (error instanceof ModelError) {
      return ended(error.limits, tellModelError(error));
    }
    throw error;
  }
}

function checkedData({ model, price, latencyMs, limits, error }: Checked): JsonObject {
  const { name, provider, id, family, size } = model;
  return {
    model: name,
    provider,
    id,
    family,
    size,
    ok: error === null,
    latency_ms: latencyMs,
    tier: tierOf(limits),
    requests_limit: limits?.requests ?? null,
    price_known: price !== null,
    error: error === null ? null : errorData(error),
  };
}

function errorData({ code, message, fix }: SkeinError): JsonObject {
  return { code, message, fix };
}

function checkedLines(checked: Checked): readonly string[] {
  const { model, latencyMs, error } = checked;
  const name = `${model.name} (${model.provider}, ${model.family})`;
  if (error !== null) {
    // A message that says itself what to do says it once.
    const fix = error.message.includes(error.fix) ? [] : [`    ${error.fix}`];
    return [`${name}: ${error.code} ${error.message}`, ...fix];
  }
  const facts = [`${String(latencyMs)} ms`, tierText(checked), priceText(checked)];
  return [`${name}: ready, ${facts.join(", ")}`];
}

function tierText({ limits }: Checked): string {
  const tier = tierOf(limits);
  return tier === null || limits === null
    ? "no rate limit told"
    : `tier ${tier} (${String(limits.requests)} requests)`;
}

function priceText({ price }: Checked): string {
  return price === null
    ? "price unknown: declare `price`, or its calls are refused"
    : `${exactUsd(price.input)} / ${exactUsd(price.output)} USD a million tokens in / out`;
}
