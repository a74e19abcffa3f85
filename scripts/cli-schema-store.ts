/** What the commands around databases, their projects and the audit trail print with `--json`. */
import { z } from "zod";

const text = z.string();
const whole = z.number().int();
const time = z.iso.datetime();

const version = { schema_version: z.literal(1) };

const step = z.object({ version: whole, name: text });

const anchor = z.object({
  project: text,
  seq: whole,
  hash: text,
  at: time,
  key_id: text,
  signature: text,
});

export const storeDocuments = {
  "db status": z.object({
    ...version,
    kind: z.enum(["sqlite", "postgres"]),
    address: text,
    engine: text,
    schema: whole,
    known_schema: whole,
    pending: z.array(step),
    size_bytes: whole,
    connections_used: z.nullable(whole),
    connections_allowed: z.nullable(whole),
    connections_own: z.nullable(whole),
    standby: z.boolean(),
    projects: z.array(text),
  }),
  "db migrate": z.object({ ...version, from: whole, to: whole, steps: z.array(step) }),
  "project list": z.object({ ...version, projects: z.array(text) }),
  "project add": z.object({ ...version, project: text, added: z.boolean() }),
  "project remove": z.object({ ...version, project: text, rows: whole, dry_run: z.boolean() }),
  "audit verify": z.object({
    ...version,
    clean: z.boolean(),
    events: whole,
    head: z.object({ seq: whole, hash: text }),
    archived_to: whole,
    faults: z.array(z.object({ fault: text, seq: whole, detail: text })),
    anchors: z.nullable(
      z.object({
        checked: whole,
        archived: whole,
        unknown_keys: whole,
        newest: z.nullable(anchor),
      }),
    ),
    unanchored_events: whole,
  }),
  "audit anchor": z.object({
    ...version,
    outcome: z.enum(["anchored", "exists", "unchanged"]),
    anchor: z.nullable(anchor),
    pushed: z.boolean(),
  }),
  "audit export": z.object({ ...version, file: text, events: whole }),
} as const;
