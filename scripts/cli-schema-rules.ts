/** What the commands about rules and the published ledger print with `--json`. */
import { z } from "zod";

const time = z.iso.datetime();
const text = z.string();
const list = z.array(text);
const whole = z.int();
const orNull = <T extends z.ZodType>(type: T): z.ZodNullable<T> => z.nullable(type);

/** Documents by command, as those of `cli-schema.ts`. */
export const rulesDocuments: Readonly<Record<string, z.ZodObject>> = {
  "rules explain": z.object({
    schema_version: z.literal(1),
    conclusion: z.enum(["pass", "fail", "error"]),
    summary: text,
    base: z.object({ ref: text, sha: text }),
    head: z.object({ ref: orNull(text), sha: text }),
    rules_from: orNull(text),
    ledger: orNull(z.enum(["live", "published"])),
    policy_hash: text,
    rows: z.array(
      z.object({
        rule: text,
        kind: text,
        place: text,
        is_advisory: z.boolean(),
        result: z.enum(["pass", "fail", "skipped", "error"]),
        reason: text,
        fix: orNull(text),
        details: list,
        warnings: list,
        places: z.array(
          z.object({ path: text, line: orNull(whole), says: text, is_warning: z.boolean() }),
        ),
      }),
    ),
  }),
  "github publish": z.object({
    schema_version: z.literal(1),
    published: z.boolean(),
    remote: orNull(text),
    ref: text,
    commit: text,
    leases: whole,
    tasks: whole,
    omitted: whole,
    other_publications: whole,
    published_at: time,
    age_seconds: whole,
  }),
};
