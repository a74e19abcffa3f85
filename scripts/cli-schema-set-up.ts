/** What the commands that set Skein up, show it, serve it and move its state print with `--json`. */
import { z } from "zod";

import { document, list, orNull, text, whole } from "./cli-schema-parts.ts";

const act = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("import"), tasks: list }),
  z.object({
    kind: z.literal("move"),
    task: text,
    move: z.enum(["cancel", "finish", "release"]),
  }),
  z.object({
    kind: z.literal("close"),
    number: whole,
    as: z.enum(["completed", "not_planned"]),
  }),
  z.object({ kind: z.literal("text"), number: whole }),
  z.object({ kind: z.literal("aside"), number: whole, by: orNull(text) }),
  z.object({ kind: z.literal("again"), number: whole, round: whole }),
  z.object({ kind: z.literal("comment") }),
]);

const synced = z.discriminatedUnion("result", [
  z.object({
    issue: whole,
    result: z.literal("synced"),
    done: whole,
    total: whole,
    acts: z.array(act),
  }),
  z.object({
    issue: whole,
    result: z.literal("created"),
    children: z.array(z.object({ key: text, number: whole })),
  }),
  z.object({ issue: whole, result: z.literal("waiting"), hash: text }),
  z.object({ issue: whole, result: z.enum(["do-not-split", "no-plan", "not-ours"]) }),
  z.object({ issue: whole, result: z.literal("failed"), code: text, message: text, fix: text }),
]);

const figures = {
  tasks_done: whole,
  duplicated_tasks: whole,
  merge_conflicts: whole,
  lost_edits: whole,
  killed_agents: whole,
  wall_ms: z.number(),
};

const rows = z.array(z.record(text, z.unknown()));

const anything = z.unknown().describe("As the file would say it; of a secret only where it is.");

const giver = {
  value: anything,
  origin: z
    .enum(["flag", "env", "dotenv", "file", "committed", "default"])
    .describe("`committed`: the file as it is on the default branch."),
  where: orNull(text).describe("As `skein.yml:3`, `.env:2` or `SKEIN_LEASES_MINUTES`."),
};

const configDocument = document({
  files: z.object({
    worktree: orNull(text),
    committed: orNull(text).describe("As `main:skein.yml`."),
    dotenv: z.object({
      state: z.enum(["none", "read", "tracked", "unusable"]),
      why: orNull(text).describe("Why nothing of it counts."),
    }),
  }),
  settings: z.array(
    z.object({
      name: text,
      ...giver,
      default: orNull(text).describe(
        "What holds where nobody says anything, where that is no value.",
      ),
      variable: orNull(text).describe("The variable that may set it."),
      hides: z.array(z.object(giver)).describe("What gives it a value that does not count."),
      note: orNull(text),
    }),
  ),
  places: z.array(
    z.object({
      name: z.enum(["ledger", "project", "server", "token"]),
      value: orNull(text),
      origin: z.enum(["flag", "env", "init", "file", "default"]),
      where: orNull(text),
      note: orNull(text),
    }),
  ),
  variables: z.array(
    z.object({
      name: text,
      means: text,
      set: z.boolean(),
      value: orNull(text).describe("What may be shown of it."),
    }),
  ),
  left_out: z
    .array(z.object({ name: text, where: text, why: text }))
    .describe("What names Skein and does not count."),
});

/** Documents by command, as those of `cli-schema.ts`. */
export const setUpDocuments: Readonly<Record<string, z.ZodObject>> = {
  init: document({
    root: text,
    store: text.describe("The ledger's file, or its address without a password."),
    project: orNull(text).describe("In a database; null for a file."),
    git_host: orNull(text).describe("Where the remote `origin` is, as github.com."),
    package_manager: orNull(text),
    agents: list,
    removed: z.boolean(),
    dry_run: z.boolean(),
    changes: z.array(z.object({ path: text, action: z.enum(["create", "change", "delete"]) })),
    git_hooks: z.enum(["wrap", "append", "skipped"]),
    kept_aside: list.describe("Git hooks from before that no hook calls, from the root."),
    kept_for: list.describe("Worktrees in which Skein is still set up."),
    check: orNull(
      z.discriminatedUnion("ok", [
        z.object({ ok: z.literal(true), tools: list, ms: whole }),
        z.object({ ok: z.literal(false), detail: text }),
      ]),
    ).describe("Null where nothing was started."),
  }),
  demo: document({
    without: z.object(figures),
    with: z.object({ ...figures, coordination_ms_per_task: z.number() }),
  }),
  "config explain": configDocument,
  "models trust": document({
    trusted: z.array(z.object({ name: text, fingerprint: text, reasons: list })),
  }),
  "github sync": document({ repository: text, dry_run: z.boolean(), issues: z.array(synced) }),
  completion: document({ shell: text, script: text }),
  export: document({ file: text, bytes: whole }),
  "export -": document({
    project: text,
    exported_at: whole.describe("Milliseconds since 1970, as all times of an export."),
    sessions: rows,
    plans: rows,
    tasks: rows,
    leases: rows,
    messages: rows,
    approvals: rows,
    events: rows,
    ledger: rows,
    budgets: rows,
    tables: z.record(text, rows),
  }),
  import: document({ file: text, rows: whole }),
  "import --dry-run": document({ dry_run: z.literal(true), file: text }),
  serve: document({ url: text, token_file: text, store: text, projects: list }),
  bot: document({ port: whole }),
};
