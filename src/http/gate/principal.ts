/** What a principal may do, from the least to the most. */
export type Role = "viewer" | "agent" | "reviewer" | "manager" | "admin";

/** Who calls, once that was proved. What a caller says of itself is none of it. */
export interface Principal {
  /** Unique in the project, and no secret. */
  readonly id: string;
  readonly kind: "token" | "oidc" | "loopback";
  /** For people; no authority. */
  readonly name: string;
  readonly role: Role;
  /** The one project in which this holds. */
  readonly project: string;
}
