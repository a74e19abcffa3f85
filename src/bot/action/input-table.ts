import { z } from "zod";

import type { PresetName, Severity } from "../../core/review/index.ts";
import { isSafeAddress, isServerAddress } from "./address.ts";

/** One input of the Action: what `action.yml` says of it, and how its text is read. */
export interface ActionInput<T> {
  readonly description: string;
  /** As in `action.yml`; empty: none. */
  readonly fallback: string;
  /** What its text has to be, behind "it has to be". */
  readonly wanted: string;
  /** True: masked in logs and kept from every child. */
  readonly isSecret: boolean;
  readonly schema: z.ZodType<T, string>;
}

// The words of core's reviews, which a test compares; core is not loaded for them.
const presets = ["critical", "balanced", "fast", "quick"] as const satisfies readonly PresetName[];
const severities = ["critical", "high", "medium", "low"] as const satisfies readonly Severity[];

/** Every input, in the order of `action.yml`, which is written from this table. */
export const actionInputs = {
  mode: choice(
    ["auto", "plan", "review", "rules", "command"],
    "What to do. `auto`: what the event calls for.",
  ),
  stage: choice(
    ["all", "collect", "reserve", "think", "publish"],
    "Which part of the work this job does: all of it, or one of several jobs that never share powers: `collect` (no secrets), `reserve` (sets the money aside; may write, no model), `think` (model keys, reads only), `publish` (may write, no model).",
  ),
  "handover-path": {
    description:
      "The file that one stage hands to the next; upload and download it as an artifact. Relative to the workspace, or absolute.",
    fallback: "skein-handover.json",
    wanted: "a path of at most 4,096 characters",
    isSecret: false,
    schema: z.string().min(1).max(4_096),
  },
  "github-token": secret("The token for GitHub's API.", "${{ github.token }}"),
  "anthropic-api-key": secret("The key for Anthropic's API; for `stage: all` and `think` only."),
  "openai-api-key": secret("The key for OpenAI's API; for `stage: all` and `think` only."),
  "anthropic-base-url": address("Another address of Anthropic's API, as of a gateway."),
  "openai-base-url": address("Another address of OpenAI's API, as of a gateway."),
  "state-key": secret(
    "Signs what Skein keeps in its comments, so that who may edit them cannot change a budget. Any long random text; the same in every job but that of `collect`.",
  ),
  "skein-url": wish({
    description:
      "The address of a project at a `skein serve`, as `https://skein.example.com/p/shop`: rules see its leases as they are now, in place of the published ledger.",
    wanted: "an https address without name, password, query or fragment",
    schema: z.string().max(2_048).refine(isServerAddress),
  }),
  "skein-token": secret(
    "The token for `skein-url`, of the role `viewer`; for `stage: all` only, since no other stage judges by rules.",
  ),
  "database-url": {
    description:
      "A PostgreSQL database that keeps what Skein remembers between runs, as `postgres://user:password@host/name`: budgets by author, day and month, weights that learn, plans. For every stage but `collect`.",
    fallback: "",
    wanted: "an address as `postgres://user:password@host:port/name`",
    isSecret: true,
    schema: orNothing(
      z
        .string()
        .max(4_096)
        .regex(/^postgres(?:ql)?:\/\/[!-~]+$/u)
        .refine((text) => URL.canParse(text)),
    ),
  },
  config: wish({
    description:
      "Where the settings are on the default branch. Default: `skein.yml`, else `.github/skein.yml`.",
    wanted: "the path of a YAML file inside the repository",
    schema: z.string().regex(/^(?!\/)(?!.*\.\.)[\w./-]{1,200}\.ya?ml$/u),
  }),
  preset: wish({
    description: "Size and threshold of the review's panel. Default: what the settings say.",
    wanted: oneOf(presets),
    schema: z.enum(presets),
  }),
  "budget-usd": wish({
    description:
      "What this run may spend on models, in US dollars. Default: what the settings say.",
    wanted: "a number from 0 to 10000",
    schema: amount(10_000, /^\d{1,5}(?:\.\d{1,6})?$/u).transform((usd) =>
      Math.round(usd * 1_000_000),
    ),
  }),
  "max-comments": wish({
    description: "How many comments on lines one review may make. Default: what the settings say.",
    wanted: "a whole number from 0 to 30",
    schema: amount(30, /^\d{1,2}$/u),
  }),
  "severity-floor": wish({
    description: "Milder findings are only in the summary. Default: what the settings say.",
    wanted: oneOf(severities),
    schema: z.enum(severities),
  }),
  include: patterns(
    "Only these paths are reviewed: patterns, one a line or apart by commas. Default: all.",
  ),
  exclude: patterns("These paths are not reviewed: patterns, one a line or apart by commas."),
  sticky: flag("`true`: one comment that is edited; `false`: a new comment each time.", "true"),
  "dry-run": flag(
    "`true`: nothing is written to GitHub; what would be goes to the job's log and summary.",
    "false",
  ),
} as const satisfies Readonly<Record<string, ActionInput<unknown>>>;

export type ActionInputName = keyof typeof actionInputs;

/** Every output, in the order of `action.yml`. */
export const actionOutputs = {
  conclusion: "`success`, `failure`, `neutral` or `skipped`.",
  title: "What was found, in one sentence.",
  findings: "How many findings were published; empty when no review was made.",
  "report-path": "The report as JSON; empty when there is none.",
  "sarif-path":
    "The findings as SARIF, for `github/codeql-action/upload-sarif`; empty when there are none.",
  "cost-usd": "What the models cost, in US dollars; empty when none was called.",
  "plan-hash": "The hash of the plan that was made; empty when none was.",
  "handover-path": "The file for the next stage; empty when nothing is handed on.",
} as const;

export type ActionOutputName = keyof typeof actionOutputs;

/** The first option is the usual one. */
function choice<const T extends readonly [string, ...string[]]>(
  options: T,
  description: string,
): ActionInput<T[number]> {
  const wanted = oneOf(options);
  return {
    description: `${description} One of ${options.map((each) => `\`${each}\``).join(", ")}.`,
    fallback: options[0],
    wanted,
    isSecret: false,
    schema: z.enum(options),
  };
}

function secret(description: string, fallback = ""): ActionInput<string | null> {
  const schema = orNothing(
    z
      .string()
      .max(16_384)
      .regex(/^[!-~]+$/u),
  );
  return { description, fallback, wanted: "one word without spaces", isSecret: true, schema };
}

function address(description: string): ActionInput<string | null> {
  return wish({
    description: `${description} Default: what the settings say.`,
    wanted: "an https address",
    schema: z.string().max(2_048).refine(isSafeAddress),
  });
}

function flag(description: string, fallback: "true" | "false"): ActionInput<boolean> {
  const schema = z.enum(["true", "false"]).transform((word) => word === "true");
  return { description, fallback, wanted: "`true` or `false`", isSecret: false, schema };
}

function patterns(description: string): ActionInput<readonly string[]> {
  const schema = z
    .string()
    .max(20_000)
    .transform(listOf)
    .pipe(z.array(z.string().max(500)).max(200));
  const wanted = "at most 200 patterns of at most 500 characters";
  return { description, fallback: "", wanted, isSecret: false, schema };
}

function listOf(written: string): string[] {
  return written
    .split(/[\n,]/u)
    .map((each) => each.trim())
    .filter((each) => each !== "");
}

/** An input that may be left empty: then the settings decide. */
function wish<T>(
  input: Pick<ActionInput<T>, "description" | "wanted" | "schema">,
): ActionInput<T | null> {
  return { ...input, fallback: "", isSecret: false, schema: orNothing(input.schema) };
}

function orNothing<T>(schema: z.ZodType<T, string>): z.ZodType<T | null, string> {
  return z.union([z.literal("").transform(() => null), schema]);
}

function amount(most: number, shape: RegExp): z.ZodType<number, string> {
  return z
    .string()
    .regex(shape)
    .transform(Number)
    .refine((value) => value <= most);
}

function oneOf(options: readonly string[]): string {
  return `one of ${options.join(", ")}`;
}
