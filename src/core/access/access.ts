import { createTokens } from "./tokens.ts";
import type { Tokens, TokensDeps } from "./tokens.ts";

/** Who may come in. What they may do then is told by `authorise`. */
export interface Access {
  readonly tokens: Tokens;
}

export function createAccess(deps: TokensDeps): Access {
  return { tokens: createTokens(deps) };
}
