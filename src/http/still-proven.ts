import { accessErrors, isTokenId } from "../core/access/index.ts";
import { SkeinError } from "../core/base/errors.ts";
import type { Caller } from "../core/dispatch/index.ts";
import type { Visit } from "./visit.ts";

/**
 * Looks again, in each transaction of a call that waits, whether its token still counts: it was looked at when the call came, up to a minute ago.
 * Nothing outside of the store is asked, since the store's lock may be held meanwhile. Undefined for the user of the machine, whose secret does not end.
 */
export function stillProven({
  request,
  parts,
  project,
  principal: { kind, id },
}: Visit): Caller["ensureAdmitted"] {
  switch (kind) {
    case "loopback":
      return undefined;
    case "token": {
      const { tokens } = project.served.skein.access;
      const token = id.slice("token:".length);
      return async (reader) => {
        if (!isTokenId(token)) {
          throw new SkeinError(accessErrors.unknownToken);
        }
        await tokens.ensureGood(reader, token);
      };
    }
    case "oidc":
      return async () => {
        parts.gate.ensureCurrent(request);
        return Promise.resolve();
      };
    default:
      return kind satisfies never;
  }
}
