import { defineErrors } from "../core/base/errors.ts";

/** What can go wrong between a client and `skein serve`. */
export const httpErrors = defineErrors({
  badRequest: {
    code: "SKN-1935",
    kind: "usage",
    title: "The request cannot be read.",
    cause:
      "Its body, or a number in its address or headers, is not of the form that docs/serve.md describes; a body is one JSON object.",
    fix: "Correct what the message names, then send the request again.",
  },
  wrongMethod: {
    code: "SKN-1936",
    kind: "usage",
    title: "This address is not asked in this way.",
    cause: "There is something at the address, and it takes other methods than the request's.",
    fix: "Use a method that the header `Allow` names; `api/v1/openapi.json` describes each.",
  },
  badAddress: {
    code: "SKN-1932",
    kind: "usage",
    title: "The address to listen at is not usable.",
    cause: "The port is taken or not allowed, or the name is not of this machine.",
    fix: "Choose another with `--port` or `--host`.",
  },
  openBind: {
    code: "SKN-8931",
    kind: "unsafe",
    title: "A server that others can reach needs identities.",
    cause: "Only a loopback address may be served with the random token of this machine.",
    fix: "Set up `auth` in skein.yml (docs/access.md) and start with `--auth`, or listen at 127.0.0.1.",
  },
  noAuth: {
    code: "SKN-2934",
    kind: "config",
    title: "The settings do not say who may call.",
    cause:
      "`--auth` was given, and `skein.yml`, as committed on the default branch, has no section `auth`.",
    fix: "Write `auth` (docs/access.md) and commit it, or start without `--auth`.",
  },
  noTokenThere: {
    code: "SKN-1933",
    kind: "usage",
    title: "The token's file holds no token.",
    cause: "It was written by something else, was cut off, or this user may not read it.",
    fix: "Name another file with `--token-file`, or remove this one: a new token is made.",
  },
  openToken: {
    code: "SKN-8932",
    kind: "unsafe",
    title: "Others can read the token's file, or made it.",
    cause: "Its mode lets the group or everybody read it, or it belongs to another user.",
    fix: "Run `chmod 600` on it, or remove it: a new token is made.",
  },
  noToken: {
    code: "SKN-3931",
    kind: "auth",
    title: "The request bears no valid token.",
    cause: "The header `Authorization: Bearer …` is missing, or its token is not known here.",
    fix: "Send a token of `skein token create`, of the identity provider, or, on the server's machine, of the file that `skein serve` named. Skein's programs take it from SKEIN_TOKEN_FILE or SKEIN_TOKEN.",
  },
  tokenInAddress: {
    code: "SKN-1934",
    kind: "usage",
    title: "The address bears a token.",
    cause:
      "Addresses are kept in logs, histories and by proxies; a token stands in the header alone.",
    fix: "Send it as `Authorization: Bearer …`, and revoke this one: it may have been seen.",
  },
  overQuota: {
    code: "SKN-7933",
    kind: "unavailable",
    title: "You ask more than your share.",
    cause:
      "Each caller may make so many requests a minute (`auth.quotas`), whatever else the server has to do.",
    fix: "Wait as long as `Retry-After` says, then send the same request with the same key.",
  },
  overProjectShare: {
    code: "SKN-7934",
    kind: "unavailable",
    title: "The project asks more than its share.",
    cause:
      "All callers of a project together may make so many requests a minute at one server (`limits.requests_per_minute`), so that it leaves room for the others.",
    fix: "Wait as long as `Retry-After` says, then send the same request with the same key; ask less often, or raise the limit in the server's skein.yml.",
  },
  wrongHost: {
    code: "SKN-3932",
    kind: "auth",
    title: "The request was meant for another name, or comes from a foreign page.",
    cause: "Its `Host` or `Origin` header is not one that this server answers to.",
    fix: "Use the address that `skein serve` printed, or add the name to `auth.allowed_hosts` or the page to `auth.allowed_origins`.",
  },
  noRoute: {
    code: "SKN-5934",
    kind: "missing",
    title: "There is nothing at this address.",
    cause: "The path is mistyped, or the door came with another version.",
    fix: "Read `api/v1/openapi.json` for what there is.",
  },
  noProject: {
    code: "SKN-5935",
    kind: "missing",
    title: "The address names no project.",
    cause:
      "It names none, or one that this server does not have; a server with one project needs no name.",
    fix: "Put `/p/NAME` behind the server's address, with the name percent-encoded; `skein project list` at the server tells the names.",
  },
  noTool: {
    code: "SKN-5933",
    kind: "missing",
    title: "There is no tool of that name.",
    cause: "The name is mistyped, or the tool came with another version.",
    fix: "Read `api/v1/openapi.json` for the tools there are.",
  },
  overloaded: {
    code: "SKN-7931",
    kind: "unavailable",
    title: "The server has more to do than it can.",
    cause: "Requests arrive faster than they are answered; renewals go first.",
    fix: "Wait as long as `Retry-After` says, then send the same request with the same key.",
  },
  draining: {
    code: "SKN-7932",
    kind: "unavailable",
    title: "The server is about to end.",
    cause: "It was told to stop and only finishes what it has begun.",
    fix: "Send the same request, with the same key, again in a moment: another node or the next start answers it.",
  },
});
