import { defineErrors } from "../base/errors.ts";

export const sessionErrors = defineErrors({
  unknownHandle: {
    code: "SKN-3301",
    kind: "auth",
    title: "The session handle is expired or unknown.",
    cause: "The handle was mistyped, comes from another project, or its session ended long ago.",
    fix: "Call next_task without `session` to join again.",
  },
  ended: {
    code: "SKN-3302",
    kind: "auth",
    title: "The session has ended.",
    cause: "Its process was gone, it was silent for too long, or it was ended by a person.",
    fix: "Write nothing more for its tasks; call next_task without `session` to join again.",
  },
  foreign: {
    code: "SKN-3303",
    kind: "auth",
    title: "The session belongs to somebody else.",
    cause: "A handle is good only for the one whose token it was made under.",
    fix: "Call next_task without `session` to join with your own token.",
  },
  noParent: {
    code: "SKN-5301",
    kind: "missing",
    title: "There is no such living session to be the parent.",
    cause: "The parent's id was mistyped, or it has ended.",
    fix: "Join without a parent, or name a living session of `skein session list`.",
  },
  tooDeep: {
    code: "SKN-1301",
    kind: "usage",
    title: "Teams of sessions do not nest that deep.",
    cause: "A session's parents may be at most 16.",
    fix: "Join with a parent that stands higher, or without one.",
  },
  badSkills: {
    code: "SKN-1302",
    kind: "usage",
    title: "Too many skills.",
    cause: "A session names at most 32 skills.",
    fix: "Name only those that tell this session from others.",
  },
  badKey: {
    code: "SKN-1303",
    kind: "usage",
    title: "The idempotency key cannot be used.",
    cause: "A key has 1 to 128 printable characters.",
    fix: "Send a short random text as the key, or none.",
  },
  keyReused: {
    code: "SKN-4301",
    kind: "conflict",
    title: "The idempotency key was used for another call.",
    cause: "A key stands for one call with one set of arguments; this one came with others.",
    fix: "Use a new key for a new call; repeat a key only with the same arguments.",
  },
  tooManySessions: {
    code: "SKN-7302",
    kind: "unavailable",
    title: "The project has as many living sessions as it may have.",
    cause: "`limits.sessions` bounds how much of a server one project takes.",
    fix: "Join again when another session has ended (`skein session list`), or raise the limit in the server's skein.yml.",
  },
  tooFast: {
    code: "SKN-7301",
    kind: "unavailable",
    title: "The session calls too often.",
    cause: "A session may make 600 changing calls a minute, 100 of them at once.",
    fix: "Wait for `retryAfterMs`, then go on.",
  },
});
