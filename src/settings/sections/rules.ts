import { z } from "zod";

import { pathPattern } from "./names.ts";

const patterns = z
  .array(pathPattern)
  .min(1)
  .max(100)
  .describe("`*` stands for any characters but `/`, `**` for any folders, `{a,b}` for either.");

const logins = z
  .array(
    z.string().regex(/^[A-Za-z0-9][\w-]{0,99}(?:\[bot\])?$/u, "A login, as `ada` or `robo[bot]`"),
  )
  .max(100)
  .describe("Accounts that may without the permission. Default: none.");

const permission = z
  .enum(["read", "triage", "write", "maintain", "admin"])
  .describe("The least permission in the repository. Default: write.");

const count = z.int().min(1).max(10).default(1).describe("How many persons.");

const maxAge = z
  .int()
  .min(1)
  .max(8_760)
  .describe("An older published ledger says nothing. Default: 24.");

const aged = z.strictObject({ max_age_hours: maxAge.optional() }).nullable();

const bare = z.strictObject({}).nullable();

/** Every rule by its kind; a node has exactly one of them, or of `and` and `or`. */
const kinds = {
  branch_name: z
    .strictObject({ patterns })
    .optional()
    .describe("The head's branch is named like one of these."),
  target_branch: z
    .strictObject({
      branches: patterns.optional().describe("Default: `branches.protected`."),
      permission: permission.optional(),
      users: logins.optional(),
      from: patterns
        .optional()
        .describe("Branches of the same repository that alone may be merged there. Default: any."),
    })
    .nullable()
    .optional()
    .describe("Who may open changes into protected branches."),
  protected_paths: z
    .strictObject({
      paths: patterns,
      count,
      permission: permission.optional(),
      users: logins.optional(),
      author_counts: z
        .boolean()
        .optional()
        .describe("True: a person with the permission who is the author counts. Default: false."),
    })
    .optional()
    .describe("Paths whose changes need persons who approve this very head."),
  approvals: z
    .strictObject({
      count,
      permission: permission.optional(),
      users: logins.optional(),
    })
    .nullable()
    .optional()
    .describe("Persons other than the author approve this very head."),
  task_link: z
    .strictObject({
      accept: z
        .array(z.enum(["issue", "task", "key"]))
        .min(1)
        .max(3)
        .optional()
        .describe("`#12`, the trailer `Skein-Task`, or one of `keys`. Default: issue and task."),
      keys: z
        .array(
          z.string().regex(/^[A-Z][A-Z0-9]{1,19}$/u, "A key's prefix, as `SHOP` for `SHOP-12`"),
        )
        .max(20)
        .optional(),
    })
    .refine(
      ({ accept, keys }) => accept?.includes("key") !== true || (keys ?? []).length > 0,
      "Where it accepts a key it needs `keys`, as [SHOP]",
    )
    .nullable()
    .optional()
    .describe("The change says for what it is."),
  size: z
    .strictObject({
      max_lines: z.int().min(1).max(1_000_000).optional().describe("Added and removed together."),
      max_files: z.int().min(1).max(100_000).optional(),
      except: patterns.optional().describe("Paths that do not count, beside `generated`."),
    })
    .refine(
      ({ max_lines, max_files }) => (max_lines ?? max_files) !== undefined,
      "It needs `max_lines` or `max_files`",
    )
    .optional()
    .describe("The change is small enough to be read."),
  trailers: z
    .strictObject({
      require: z
        .array(
          z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/u, "A trailer's key, as `Skein-Task`"),
        )
        .min(1)
        .max(10),
    })
    .optional()
    .describe("Every commit but merges carries these."),
  fences: aged
    .optional()
    .describe("Commits of claimed tasks stand under a fence that counts and stay in scope."),
  leases: aged.optional().describe("Nobody else holds what the change touches."),
  labels: z
    .strictObject({ forbid: z.array(z.string().min(1).max(100)).min(1).max(50) })
    .optional()
    .describe("None of these labels is set."),
  secrets: bare.optional().describe("No added line looks like a secret."),
  lockfile: bare.optional().describe("Manifests and lock files change together."),
};

const shape = {
  name: z
    .string()
    .regex(/^[\w .:-]{1,60}$/u, "A name has up to 60 letters, digits, spaces and `_.:-`")
    .optional()
    .describe("How the rule is called in the check. Default: its kind."),
  advisory: z
    .boolean()
    .optional()
    .describe("True: its result is shown and does not count. Default: false."),
  targets: patterns.optional().describe("Only for changes into these branches. Default: any."),
  ...kinds,
};

const leaf = z.strictObject(shape);

/** A node as written: one kind of rule, or `and` or `or` with further nodes. */
export interface WrittenNode extends z.infer<typeof leaf> {
  readonly and?: readonly WrittenNode[] | undefined;
  readonly or?: readonly WrittenNode[] | undefined;
}

const node: z.ZodType<WrittenNode> = z
  .strictObject({
    ...shape,
    get and() {
      return z.array(node).min(1).max(50).optional().describe("All of these hold.");
    },
    get or() {
      return z.array(node).min(1).max(50).optional().describe("One of these holds.");
    },
  })
  .describe("One rule, or some that count together.");

/** The kinds of rules, and `and` and `or`. */
export const ruleKeys: readonly string[] = ["and", "or", ...Object.keys(kinds)];

/** The section `rules`. */
export const rules = z
  .strictObject({
    require: z
      .array(node)
      .max(50)
      .optional()
      .describe(
        "All of these hold for a pull request. Default: leases and secrets, and as advice fences and lockfile.",
      ),
  })
  .describe("What holds for a pull request; only as committed on the default branch.");
