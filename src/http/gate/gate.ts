import type { IncomingMessage } from "node:http";
import type { Principal } from "../../core/access/index.ts";
import type { SkeinError } from "../../core/base/errors.ts";

/** Says who a request is from, before anything else is done with it. */
export interface Gate {
  /**
   * Judges a request for something in a project; an empty name stands for the whole server.
   * @throws {SkeinError} SKN-7xxx while it cannot be told, since a store or a provider's keys are away.
   */
  admit(request: IncomingMessage, project: string): Promise<Admission>;
  /** Makes sure that the token of an identity provider, by which a request was admitted, has not ended since; of others nothing is said. @throws {SkeinError} SKN-3911. */
  ensureCurrent(request: IncomingMessage): void;
  /** Lets a principal do something, as `tool:next_task`. @throws {SkeinError} when it may not. */
  authorise(principal: Principal, action: string): void;
  /** Where callers without a token get one, as RFC 9728 has it; null where there is no identity provider. `place` is what the address is about. */
  describe(request: IncomingMessage, place: string): Readonly<Record<string, unknown>> | null;
}

export type Admission = { readonly kind: "admitted"; readonly principal: Principal } | Refusal;

export interface Refusal {
  readonly kind: "refused";
  /** 400, 401, 403 or 429. */
  readonly status: number;
  readonly error: SkeinError;
  readonly headers: Readonly<Record<string, string>>;
}
