/** What the commands around tokens print with `--json`. */
import { z } from "zod";

const text = z.string();
const time = z.iso.datetime();

const token = z.object({
  id: text,
  name: text,
  role: z.enum(["viewer", "agent", "reviewer", "manager", "admin"]),
  state: z.enum(["good", "expired", "revoked", "void"]),
  made_by: text,
  made_at: time,
  expires_at: time,
  revoked_at: z.nullable(time),
  last_used_at: z.nullable(time),
});

const version = { schema_version: z.literal(1) };

export const accessDocuments = {
  "token create": z.object({ ...version, token, secret: text }),
  "token list": z.object({ ...version, tokens: z.array(token) }),
  "token revoke": z.object({ ...version, token }),
  "token revoke --dry-run": z.object({ ...version, dry_run: z.literal(true), token }),
} as const;
