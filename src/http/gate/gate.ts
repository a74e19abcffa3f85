import type { IncomingMessage } from "node:http";
import type { SkeinError } from "../../core/base/errors.ts";
import type { Principal } from "../../core/access/index.ts";

/** Says who a request is from, before anything else is done with it. */
export interface Gate {
  /** Judges a request for something in a project. */
  admit(request: IncomingMessage, project: string): Promise<Admission>;
  /** Lets a principal do something, as `tool:next_task`. @throws {SkeinError} when it may not. */
  authorise(principal: Principal, action: string): void;
}

export type Admission =
  | { readonly kind: "admitted"; readonly principal: Principal }
  | {
      readonly kind: "refused";
      /** 401, 403 or 429. */
      readonly status: number;
      readonly error: SkeinError;
      readonly headers: Readonly<Record<string, string>>;
    };
