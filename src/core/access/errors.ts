import { defineErrors } from "../base/errors.ts";

export const accessErrors = defineErrors({
  badExpiry: {
    code: "SKN-1351",
    kind: "usage",
    title: "A token cannot last that long.",
    cause: "A token lasts from one minute to 365 days.",
    fix: "Give a time in that range, as `--expires 30d`.",
  },
  unknownToken: {
    code: "SKN-3351",
    kind: "auth",
    title: "The token is not known here.",
    cause:
      "It was mistyped or cut short, belongs to another project, or was forgotten after its end.",
    fix: "Ask an admin of the project for a token: `skein token create`.",
  },
  revokedToken: {
    code: "SKN-3352",
    kind: "auth",
    title: "The token was revoked.",
    cause: "An admin of the project took it back.",
    fix: "Ask an admin of the project for a new one.",
  },
  expiredToken: {
    code: "SKN-3353",
    kind: "auth",
    title: "The token has expired.",
    cause: "Tokens end by themselves, 30 days after they were made where nothing else was said.",
    fix: "Ask an admin of the project for a new one.",
  },
  forbidden: {
    code: "SKN-3354",
    kind: "auth",
    title: "The role does not allow that.",
    cause:
      "Each tool, command and route of a server asks for a role: viewer, agent, reviewer, manager or admin.",
    fix: "Ask an admin of the project for a token of a higher role, or leave it to somebody who has one.",
  },
  otherProject: {
    code: "SKN-3356",
    kind: "auth",
    title: "The token is for another project.",
    cause: "A token opens the one project for which it was made.",
    fix: "Use the address of that project, or ask an admin of this one for a token.",
  },
  tooManyTokens: {
    code: "SKN-4351",
    kind: "conflict",
    title: "The project has too many tokens.",
    cause: "At most 1,000 tokens of a project are good at a time.",
    fix: "Revoke those that nobody uses: `skein token list` shows when each was used last.",
  },
  noToken: {
    code: "SKN-5351",
    kind: "missing",
    title: "There is no such token.",
    cause: "The id was mistyped, or the token ended long ago and was forgotten.",
    fix: "Run `skein token list` for the ids.",
  },
});
