import { defineErrors } from "../../core/base/errors.ts";

/** What can go wrong with the App's own server. */
export const appErrors = defineErrors({
  badOption: {
    code: "SKN-1691",
    kind: "usage",
    title: "An option of `skein bot` is missing or wrong.",
    cause:
      "The App's id, its private key and the webhook secret are needed; secrets are given by reference.",
    fix: "Start it as `skein bot --app-id 123 --private-key file:/path/key.pem --webhook-secret env:WEBHOOK_SECRET`.",
  },
  noProbot: {
    code: "SKN-2691",
    kind: "config",
    title: "Probot is not installed.",
    cause: "`skein bot` needs it, and nothing else of Skein does: it is an optional part.",
    fix: "Run `npm install probot@14` beside Skein.",
  },
  weakSecret: {
    code: "SKN-2692",
    kind: "config",
    title: "The webhook secret is too short.",
    cause: "Whoever guesses it can send events in GitHub's name; it needs at least 16 characters.",
    fix: "Make one with `openssl rand -hex 32`, and set it here and in the App's settings on GitHub.",
  },
  noPort: {
    code: "SKN-7691",
    kind: "unavailable",
    title: "The address cannot be listened on.",
    cause: "Another program uses the port, or this account may not.",
    fix: "Name another with `--port`, or end the other program.",
  },
});
