import { defineErrors } from "../base/errors.ts";

/** The part of the error catalogue that speaks of rules and of the published ledger. */
export const rulesErrors = defineErrors({
  ledgerUnreadable: {
    code: "SKN-0931",
    kind: "failed",
    title: "The published ledger cannot be read.",
    cause:
      "What stands at refs/skein/ledger is no ledger of a version that this program knows, or is larger than 1 MiB.",
    fix: "Publish it anew with `skein github publish`; with a newer version, update this program.",
  },
  ledgerNotPublished: {
    code: "SKN-0932",
    kind: "failed",
    title: "The ledger could not be published.",
    cause: "The remote refused the push, or others published at the same time again and again.",
    fix: "Run `skein github publish` again; make sure that you may push to refs/skein/ledger.",
  },
  ledgerNewer: {
    code: "SKN-2931",
    kind: "config",
    title: "The published ledger is of a newer version of Skein.",
    cause: "Somebody published it with a program that writes another format.",
    fix: "Update Skein here.",
  },
  noRange: {
    code: "SKN-1931",
    kind: "usage",
    title: "It is not said what to judge.",
    cause:
      "Rules judge a branch against the branch it goes into, or what lies between two commits.",
    fix: "Name a branch, or two commits as BASE..HEAD.",
  },
  noRemote: {
    code: "SKN-5931",
    kind: "missing",
    title: "There is no such remote.",
    cause: "The ledger is published to a remote of this repository, by default `origin`.",
    fix: "Name one with `--remote NAME` (`git remote` lists them), or keep the ledger here with `--local`.",
  },
  noLedger: {
    code: "SKN-5932",
    kind: "missing",
    title: "No ledger is known here.",
    cause: "Nobody published one, or it was not fetched from the remote yet.",
    fix: "Run `skein github publish`, or fetch it with `git fetch origin +refs/skein/ledger:refs/skein/ledger`.",
  },
});
