import * as z from "zod";

/** Shapes that several answers have. The announced schema shows only that they are objects; tests check every field. */

export const timeShape = z.iso.datetime();

export const leaseShape = z.strictObject({
  id: z.string(),
  paths: z.array(z.string()).readonly(),
  mode: z.string(),
  until: timeShape.nullable(),
});

export const refusedShape = z.strictObject({
  path: z.string(),
  holder: z.string(),
  until: timeShape.nullable(),
  reason: z.string(),
  task: z.string().nullable(),
  branch: z.string().nullable(),
});

export const messageShape = z.strictObject({
  id: z.string(),
  from: z.string(),
  to: z.string(),
  thread: z.string(),
  at: timeShape,
  text: z.string(),
});

const workShape = z.strictObject({
  id: z.string(),
  plan: z.string(),
  title: z.string(),
  spec: z.string(),
  files: z.array(z.string()).readonly(),
  accept: z.array(z.string()).readonly(),
  priority: z.string(),
  minutes: z.number(),
  attempt: z.int(),
  results: z
    .array(
      z.strictObject({
        task: z.string(),
        summary: z.string().nullable(),
        commit: z.string().nullable(),
      }),
    )
    .readonly(),
  base_commits: z.array(z.string()).readonly(),
  feedback: z.string().nullable(),
});

const waitingShape = z.strictObject({
  ready: z.int(),
  on_dependencies: z.int(),
  on_pause: z.int(),
  on_paths: z.int(),
  on_others: z.int(),
  on_time: z.int(),
  claimed: z.int(),
  submitted: z.int(),
  done: z.int(),
  ended: z.int(),
  reasons: z.array(z.string()).readonly(),
  retry_at: timeShape.nullable(),
});

/** What `next_task` answers, without the session. */
export const nextTaskFields = {
  task: workShape.nullable(),
  fence: z.int().nullable(),
  leases: z.array(leaseShape).readonly(),
  expires_at: timeShape.nullable(),
  inbox: z.array(messageShape).readonly(),
  waiting: waitingShape.nullable(),
  next: z.string(),
};
