import { z } from "zod";

import { limits } from "./sections/limits.ts";
import { audit } from "./sections/audit.ts";
import { auth } from "./sections/auth.ts";
import { budgets } from "./sections/budgets.ts";
import { bus } from "./sections/bus.ts";
import { model } from "./sections/models.ts";
import { github } from "./sections/github.ts";
import { ownName, pathPattern, usd } from "./sections/names.ts";
import { features, profile } from "./sections/profile.ts";
import { provider } from "./sections/providers.ts";
import { chains, planner, review } from "./sections/review.ts";
import { rules } from "./sections/rules.ts";
import { server } from "./sections/server.ts";
import { store } from "./sections/store.ts";

const branchName = z
  .string()
  .regex(
    /^[^-\s~^:?*[\\][^\s~^:?*[\\]{0,200}$/u,
    "A branch name has no spaces and none of ~^:?*[\\",
  )
  .describe("A local branch, without refs/heads/.");

const branchPatterns = z
  .array(z.string().min(1).max(200))
  .max(50)
  .describe("Branch names; `*` stands for any characters.");

const checkName = z
  .string()
  .regex(/^[A-Za-z0-9][\w.-]{0,63}$/u, "A check's name has letters, digits, `-`, `_` and `.`");

const check = z
  .strictObject({
    run: z
      .union([z.string().min(1).max(4_096), z.array(z.string().max(4_096)).min(1).max(100)])
      .describe("The command, without a shell: one line, or the program and its arguments."),
    timeout_seconds: z.int().min(1).max(3_600).default(600).describe("When it is stopped."),
  })
  .describe("A named command that may be run at a commit.");

const integration = z.strictObject({
  branch: branchName.optional().describe("Where work lands. Default: the default branch."),
  method: z
    .enum(["rebase", "merge"])
    .optional()
    .describe("How commits get there. Default: rebase."),
  checks: z
    .array(checkName)
    .max(20)
    .optional()
    .describe("Checks that must pass on the result before the branch moves. Default: none."),
});

const branches = z.strictObject({
  protected: branchPatterns.optional().describe("Branches to which no agent commits or pushes."),
  agents: z
    .union([
      branchPatterns,
      z.strictObject({
        lead: branchPatterns.optional(),
        manager: branchPatterns.optional(),
        worker: branchPatterns.optional(),
        sub: branchPatterns.optional(),
      }),
    ])
    .optional()
    .describe("Branches on which agents may work, for all or by tier. Default: any."),
});

/** What `skein.yml` may say. Published as `schema/skein.schema.json`. */
export const settingsSchema = z
  .strictObject({
    integration: integration.optional(),
    checks: z.record(checkName, check).optional(),
    store: store.optional(),
    leases: z
      .strictObject({
        minutes: z
          .int()
          .min(1)
          .max(480)
          .optional()
          .describe("How long a lease lasts after the last call of its session. Default: 30."),
        case_insensitive: z
          .union([z.literal("auto"), z.boolean()])
          .optional()
          .describe("Whether `A.ts` and `a.ts` are one path. Default: auto, as git is set up."),
      })
      .optional(),
    generated: z
      .array(pathPattern)
      .max(200)
      .optional()
      .describe("Paths that need no lease, because a tool writes them."),
    branches: branches.optional(),
    budget_usd: usd.optional().describe("What the whole project may spend. Default: no limit."),
    providers: z.record(ownName, provider).optional(),
    models: z.record(ownName, model).optional(),
    review: review.optional(),
    planner: planner.optional(),
    chains: chains.optional(),
    budgets: budgets.optional(),
    profile: profile.optional(),
    features: features.optional(),
    rules: rules.optional(),
    github: github.optional(),
    server: server.optional(),
    auth: auth.optional(),
    bus: bus.optional(),
    audit: audit.optional(),
    limits: limits.optional(),
  })
  .meta({
    id: "https://skein.dev/schema/skein.schema.json",
    title: "skein.yml",
    description: "Settings of Skein for one repository.",
  });

/** A validated `skein.yml`, keys as written. */
export type SettingsFile = z.infer<typeof settingsSchema>;

/** The JSON Schema of the settings: all that Skein itself checks. */
export function settingsJsonSchema(): object {
  return z.toJSONSchema(settingsSchema, { io: "input", target: "draft-2020-12" });
}

/** The published JSON Schema, as text with a line end. Most who check it do so in binary fractions, where 0.2 is no multiple of a millionth. */
export function publishedSettingsSchema(): string {
  return `${JSON.stringify(settingsJsonSchema(), withoutSteps, 2)}\n`;
}

function withoutSteps(key: string, value: unknown): unknown {
  return key === "multipleOf" ? undefined : value;
}
