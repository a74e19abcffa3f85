import { defineErrors } from "../base/errors.ts";

/** The audit's part of the error catalogue. */
export const auditErrors = defineErrors({
  badKey: {
    code: "SKN-2801",
    kind: "config",
    title: "The key for the audit trail cannot be used.",
    cause: "It is no Ed25519 key in PEM, or, for a public one, in base64.",
    fix: "Make one with `openssl genpkey -algorithm ed25519 -out ~/skein-audit.pem`, and name it with `audit.key` or SKEIN_AUDIT_KEY.",
  },
  noKey: {
    code: "SKN-2802",
    kind: "config",
    title: "There is no key to sign the audit trail with.",
    cause: "Neither `audit.key` nor SKEIN_AUDIT_KEY says where it is.",
    fix: "Make one with `openssl genpkey -algorithm ed25519 -out audit.pem`, and set SKEIN_AUDIT_KEY to `file:` and its path.",
  },
  noPlace: {
    code: "SKN-2803",
    kind: "config",
    title: "There is no place for the anchors of the audit trail.",
    cause:
      "`audit.anchor` is not set, or it is `git-tag` and there is no clone of the repository here.",
    fix: "Set `audit.anchor` (or SKEIN_AUDIT_ANCHOR) to `git-tag`, or to `file:` and an absolute path that ends with .jsonl.",
  },
  badFile: {
    code: "SKN-2804",
    kind: "config",
    title: "The file for anchors cannot be used.",
    cause: "It is a link or no plain file, or it holds something else than anchors.",
    fix: "Name a file that does not exist yet, in a folder that only its owner can write.",
  },
});
