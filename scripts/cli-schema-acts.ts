/** What the commands that steer plans, tasks, leases and sessions print with `--json`. */
import { z } from "zod";

import {
  counts,
  document,
  event,
  landing,
  lease,
  list,
  plan,
  question,
  session,
  task,
  text,
  whole,
} from "./cli-schema-parts.ts";

/** Nothing was changed: what is steered, as it is now. */
const dryRun = { dry_run: z.literal(true) };

const planNow = (act: string): z.ZodObject =>
  document({ ...dryRun, act: z.literal(act), plan, counts });

const taskNow = (act: string): z.ZodObject => document({ ...dryRun, act: z.literal(act), task });

const held = {
  tasks: list.describe("As PLAN/TASK."),
  leases: list,
};

const ended = { canceled: list, ended_claims: whole };

/** Documents by command, as those of `cli-schema.ts`. */
export const actDocuments: Readonly<Record<string, z.ZodObject>> = {
  "plan export": document({ plan: text, format: z.enum(["yaml", "markdown"]), text }),
  "plan pause": document({ plan }),
  "plan pause --dry-run": planNow("pause"),
  "plan resume": document({ plan }),
  "plan resume --dry-run": planNow("resume"),
  "plan cancel": document({ plan: text, ...ended }),
  "plan cancel --dry-run": planNow("cancel"),
  "task reassign": document({ task }),
  "task reassign --dry-run": taskNow("reassign"),
  "task release": document({ task }),
  "task release --dry-run": taskNow("release"),
  "task retry": document({ task, revived: list }),
  "task retry --dry-run": taskNow("retry"),
  "task cancel": document({ task: text, blocked: list, ...ended }),
  "task cancel --dry-run": taskNow("cancel"),
  "task verify": document({ task }),
  "lease release": document({ dry_run: z.boolean(), released: z.array(lease) }),
  "session revoke": document({ session, ...held }),
  "session revoke --dry-run": document({ ...dryRun, session: text, ...held }),
  "approve --answer": document({ question }),
  "approve --dry-run": document({ ...dryRun, question, answer: text }),
  "approve --extend": document({ extended: z.boolean(), question }),
  "integrate --watch": document(landing.shape),
  "audit export -": document(event.shape),
};
