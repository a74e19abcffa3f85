import { defineErrors } from "../base/errors.ts";

export const messageErrors = defineErrors({
  tooLong: {
    code: "SKN-1601",
    kind: "usage",
    title: "The message is too long.",
    cause: "A message holds at most 4,096 bytes of text.",
    fix: "Shorten it, or put the long part into a file and name the file.",
  },
  empty: {
    code: "SKN-1602",
    kind: "usage",
    title: "The message is empty.",
    cause: "Nothing that can be seen was left of the text.",
    fix: "Write what the recipient should know.",
  },
  badExpiry: {
    code: "SKN-1603",
    kind: "usage",
    title: "The message would expire before anybody could read it.",
    cause: "A message waits at least one second.",
    fix: "Give it more time, or no expiry.",
  },
  noRole: {
    code: "SKN-1604",
    kind: "usage",
    title: "The recipient's role is empty.",
    cause: "A message to a role names the role, as `role:reviewer`.",
    fix: "Name a role, a session such as `s3`, or `all`.",
  },
  tooMany: {
    code: "SKN-4601",
    kind: "conflict",
    title: "The project keeps as many messages as it may.",
    cause: "`limits.messages` bounds how much of a server one project takes.",
    fix: "Say it in the task's note or summary. Those that have expired make room by themselves, old ones go with `skein maintain`; or raise the limit in the server's skein.yml.",
  },
  noRecipient: {
    code: "SKN-5601",
    kind: "missing",
    title: "There is no such living session to write to.",
    cause: "The id was mistyped, or the session has ended and will never read it.",
    fix: "Write to one of the living sessions, to a role or to all.",
  },
  noThread: {
    code: "SKN-5603",
    kind: "missing",
    title: "There is no such message to answer.",
    cause: "The id was mistyped, or the message was removed by maintenance.",
    fix: "Send it without a thread.",
  },
});
