import type { Role } from "./role.ts";

/** How somebody proved who they are: a token of Skein's own, one of an identity provider, or that they stand at the server's own machine. */
export type PrincipalKind = "token" | "oidc" | "loopback";

/** Who calls a server, in one project, once that was proved. What a caller says of itself (session, name) is none of it. */
export interface Principal {
  /** Unique in the project and no secret: `token:t3`, `oidc:` and 32 hex digits, `loopback`. */
  readonly id: string;
  readonly kind: PrincipalKind;
  /** For people; at most 60 characters, and no authority. */
  readonly name: string;
  readonly role: Role;
  /** The one project in which this holds. */
  readonly project: string;
}

/** The name under which what a principal uses is counted: who comes by an identity provider is the same one in every project. */
export function countedAs({ kind, id, project }: Principal): string {
  return kind === "oidc" ? id : `${project}\n${id}`;
}
