import type { IncomingMessage } from "node:http";
import { valuesOf } from "./hosts.ts";

export interface ResourceFacts {
  /** Null: there is no identity provider. */
  readonly issuer: string | null;
  /** Without a slash at its end; null: as callers say in `Host`. */
  readonly publicUrl: string | null;
}

/** Where RFC 9728 looks for what describes a protected resource; behind it stands the path of that resource. */
export const metadataPath = "/.well-known/oauth-protected-resource";

/** Describes the resource at a path, as `/p/shop/mcp`; null where there is no identity provider. */
export function describeResource(
  request: IncomingMessage,
  path: string,
  facts: ResourceFacts,
): Readonly<Record<string, unknown>> | null {
  const { issuer } = facts;
  if (issuer === null || !isPlain(path)) {
    return null;
  }
  return {
    resource: `${baseOf(request, facts)}${path}`,
    authorization_servers: [issuer],
    bearer_methods_supported: ["header"],
    resource_name: "Skein",
  };
}

/** The address at which the resource of a request is described; null where there is no identity provider. */
export function metadataAddress(request: IncomingMessage, facts: ResourceFacts): string | null {
  const [path = "/"] = (request.url ?? "/").split("?", 1);
  if (facts.issuer === null) {
    return null;
  }
  return `${baseOf(request, facts)}${metadataPath}${isPlain(path) && path !== "/" ? path : ""}`;
}

/** It stands in a header and in a document: nothing but what addresses are made of. */
function isPlain(path: string): boolean {
  return path === "" || /^\/[\w./~%-]{0,600}$/u.test(path);
}

/** Only a host that was let in stands in it: the gate looks at `Host` before. */
function baseOf(request: IncomingMessage, { publicUrl }: ResourceFacts): string {
  return publicUrl ?? `http://${valuesOf(request, "host")[0] ?? "localhost"}`;
}
