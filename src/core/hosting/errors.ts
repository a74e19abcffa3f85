import { defineErrors, SkeinError } from "../base/errors.ts";

export const hostingErrors = defineErrors({
  badRepository: {
    code: "SKN-1651",
    kind: "usage",
    title: "That is no repository's name.",
    cause: "A repository is named `owner/name`.",
    fix: "Give it as `owner/name`, without an address before it.",
  },
  badMarker: {
    code: "SKN-1652",
    kind: "usage",
    title: "The state in the comment cannot be kept.",
    cause: "What is kept in a comment has at most 20 KB.",
    fix: "Report this: what is kept is cut before it is written.",
  },
  noRemote: {
    code: "SKN-1653",
    kind: "usage",
    title: "It is not known which repository on a code host is meant.",
    cause: "No repository is named, and the remote `origin` is none that can be read.",
    fix: "Name it with `--repository owner/name`, or set the remote: `git remote add origin ADDRESS`.",
  },
  badAddress: {
    code: "SKN-1654",
    kind: "usage",
    title: "The address of the code host's API is none that a token may be sent to.",
    cause: "A token goes over https only, or to a server of this machine.",
    fix: "Correct GITHUB_API_URL, or unset it.",
  },
  noToken: {
    code: "SKN-2651",
    kind: "config",
    title: "There is no token for the code host.",
    cause:
      "GH_TOKEN and GITHUB_TOKEN are not set, or they are for github.com and the repository is on another host.",
    fix: "Set GH_TOKEN (`export GH_TOKEN=$(gh auth token)`); for an Enterprise Server set GH_ENTERPRISE_TOKEN.",
  },
  noClient: {
    code: "SKN-2652",
    kind: "config",
    title: "The client for GitHub is not installed.",
    cause: "It stands on Octokit, which only what talks to GitHub needs: an optional part.",
    fix: "Run `npm install probot@14` beside Skein, which brings it.",
  },
  denied: {
    code: "SKN-3651",
    kind: "auth",
    title: "The code host does not let this token do that.",
    cause:
      "The token lacks a permission, has ended, or the account may not do it in this repository.",
    fix: "Compare the token's permissions with those in docs/github.md.",
  },
  rejected: {
    code: "SKN-4651",
    kind: "conflict",
    title: "The code host refused the request.",
    cause: "What it should change is not as Skein last saw it, or a limit of the host is reached.",
    fix: "Run it again: Skein looks first and goes on from what is there.",
  },
  missing: {
    code: "SKN-5651",
    kind: "missing",
    title: "The code host has no such thing, or hides it from this token.",
    cause: "It was deleted or moved, or the token may not read it.",
    fix: "Compare the repository's name and the token's permissions with those in docs/github.md.",
  },
  unreachable: {
    code: "SKN-7651",
    kind: "unavailable",
    title: "The code host cannot be reached, or is too busy.",
    cause: "The network, an outage, or a rate limit of the host.",
    fix: "Try again later; what is done already is not done twice.",
  },
  garbled: {
    code: "SKN-7652",
    kind: "unavailable",
    title: "The code host answered something that Skein cannot read.",
    cause: "Something between Skein and the host answers in its place, or its version is too old.",
    fix: "Open the address of the host's API yourself, and compare its version with those in docs/github.md.",
  },
});

/** True when the host refused for want of a right. */
export function isDenied(error: unknown): boolean {
  return error instanceof SkeinError && error.code === hostingErrors.denied.code;
}
