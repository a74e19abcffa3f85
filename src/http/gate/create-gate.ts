import { hash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { OidcVerifier } from "../../adapters/identity/index.ts";
import { accessErrors, authorise, countedAs, parseTokenText } from "../../core/access/index.ts";
import type { Principal } from "../../core/access/index.ts";
import type { Clock } from "../../core/base/clock.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { isLoopbackName } from "../../core/base/loopback.ts";
import type { Skein } from "../../core/index.ts";
import type { BucketRate } from "../../core/sessions/index.ts";
import { httpErrors } from "../errors.ts";
import { bearerOf, hasTokenInAddress } from "./bearer.ts";
import { principalOf } from "./claims.ts";
import type { ClaimRules } from "./claims.ts";
import type { Admission, Gate, Refusal } from "./gate.ts";
import { isKnownHost, isKnownOrigin, namesThisMachine } from "./hosts.ts";
import type { KnownNames } from "./hosts.ts";
import { createQuotas } from "./quotas.ts";
import { describeResource, metadataAddress } from "./resource.ts";
import type { ResourceFacts } from "./resource.ts";

export interface GateOptions {
  /** The secret of this machine, and who its user is. It counts only for requests that come from the machine itself. */
  readonly loopback: { readonly token: string; readonly person: string };
  readonly names: KnownNames;
  /** What one principal may ask; the machine's own secret has no limit. Null: nobody has. */
  readonly quotas: BucketRate | null;
  /** Finds a project whose personal tokens count; null: none do. */
  readonly projectOf: ((name: string) => Promise<Pick<Skein, "access" | "store"> | null>) | null;
  /** An identity provider whose tokens count; null: none. */
  readonly oidc: OidcGate | null;
  /** Where callers reach the server; null: as they say in `Host`. */
  readonly publicUrl: string | null;
  /** A clock that never jumps. */
  readonly clock: Clock;
}

export interface OidcGate {
  readonly issuer: string;
  readonly verifier: OidcVerifier;
  readonly rules: ClaimRules;
}

/** Makes the one gate of a server: whoever does not prove who they are learns nothing. */
export function createGate(options: GateOptions): Gate {
  const { names, publicUrl, oidc } = options;
  const quotas = options.quotas === null ? null : createQuotas(options.quotas, options.clock);
  const facts: ResourceFacts = { issuer: oidc?.issuer ?? null, publicUrl };
  const identify = createIdentify(options, facts);
  return {
    admit: async (request, project) => {
      if (hasTokenInAddress(request)) {
        return refused(400, new SkeinError(httpErrors.tokenInAddress), {});
      }
      if (!isKnownHost(request, names) || !isKnownOrigin(request, names)) {
        return refused(403, new SkeinError(httpErrors.wrongHost), {});
      }
      const admission = await identify(request, project);
      const waitMs =
        admission.kind === "admitted" && admission.principal.kind !== "loopback"
          ? (quotas?.take(countedAs(admission.principal)) ?? null)
          : null;
      return waitMs === null ? admission : tooMany(waitMs);
    },
    ensureCurrent: (request) => {
      const shown = bearerOf(request);
      if (oidc !== null && shown.kind === "token" && parseTokenText(shown.text) === null) {
        oidc.verifier.ensureCurrent(shown.text);
      }
    },
    authorise,
    describe: (request, place) =>
      isKnownHost(request, names) ? describeResource(request, place, facts) : null,
  };
}

type Identify = (request: IncomingMessage, project: string) => Promise<Admission>;

function createIdentify(options: GateOptions, facts: ResourceFacts): Identify {
  const secret = hash("sha256", options.loopback.token, "buffer");
  return async (request, project) => {
    const shown = bearerOf(request);
    if (shown.kind !== "token") {
      const error = new SkeinError(httpErrors.noToken);
      return unknown(request, { error, facts, isWrong: shown.kind === "malformed" });
    }
    const isSecret = timingSafeEqual(hash("sha256", shown.text, "buffer"), secret);
    if (isSecret && isFromHere(request)) {
      return { kind: "admitted", principal: ownPrincipal(options, project) };
    }
    try {
      return { kind: "admitted", principal: await prove(options, shown.text, project) };
    } catch (error) {
      return refusalOf(request, error, facts);
    }
  };
}

/** What proves nothing is refused; what cannot be told now is no refusal, and thrown on. */
function refusalOf(request: IncomingMessage, error: unknown, facts: ResourceFacts): Refusal {
  if (!(error instanceof SkeinError) || error.kind !== "auth") {
    throw error;
  }
  return error.code === accessErrors.otherProject.code
    ? refused(403, error, {})
    : unknown(request, { error, facts, isWrong: true });
}

/** Behind a proxy on the same machine every request comes from here: then the name that it asked for tells. */
function isFromHere(request: IncomingMessage): boolean {
  const { remoteAddress = "" } = request.socket;
  return isLoopbackName(remoteAddress.replace(/^::ffff:/u, "")) && namesThisMachine(request);
}

function ownPrincipal({ loopback }: GateOptions, project: string): Principal {
  return { id: "loopback", kind: "loopback", name: loopback.person, role: "admin", project };
}

/** @throws {SkeinError} SKN-335x, SKN-3911 when the token proves nothing here. */
async function prove(
  { projectOf, oidc }: GateOptions,
  text: string,
  project: string,
): Promise<Principal> {
  const named = parseTokenText(text);
  if (named !== null) {
    // What is asked of the whole server is told to whom one of its projects knows.
    const name = project === "" ? named.project : project;
    const found = named.project === name && projectOf !== null ? await projectOf(name) : null;
    if (found === null || projectOf === null) {
      throw new SkeinError(accessErrors.unknownToken);
    }
    return found.access.tokens.authenticate(found.store, text);
  }
  if (oidc === null) {
    throw new SkeinError(httpErrors.noToken);
  }
  const identity = await oidc.verifier.verify(text);
  const principal = principalOf(identity, project, oidc.rules);
  if (principal === null) {
    throw new SkeinError(accessErrors.otherProject, {
      message: "The identity provider gives you no role in this project.",
      fix: "Ask an admin of the server: its settings say which claims open which project.",
    });
  }
  return principal;
}

interface Unknown {
  readonly error: SkeinError;
  readonly facts: ResourceFacts;
  /** True: something was shown, and it proves nothing. */
  readonly isWrong: boolean;
}

/** The challenge of RFC 6750, with the address of RFC 9728 at which clients learn where to get a token. */
function unknown(request: IncomingMessage, { error, facts, isWrong }: Unknown): Refusal {
  const address = metadataAddress(request, facts);
  const parts = [
    'Bearer realm="skein"',
    ...(isWrong ? ['error="invalid_token"'] : []),
    ...(address === null ? [] : [`resource_metadata="${address}"`]),
  ];
  return refused(401, error, {
    "www-authenticate": parts.join(", "),
  });
}

function tooMany(retryAfterMs: number): Refusal {
  return refused(429, new SkeinError(httpErrors.overQuota, { retryAfterMs }), {});
}

function refused(
  status: number,
  error: SkeinError,
  headers: Readonly<Record<string, string>>,
): Refusal {
  return { kind: "refused", status, error, headers };
}
