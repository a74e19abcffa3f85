import { hostingErrors } from "../../core/hosting/index.ts";
import { isLooseObject, ownObject, ownText, ownValue } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import type { CodeHostOptions } from "./code-host.ts";
import { isFailure } from "./failures.ts";
import { createWire, inRepository, orNull } from "./wire.ts";
import type { Wire } from "./wire.ts";

/** A webhook of a repository. */
export interface RepositoryHook {
  /** Host and path, without what may be secret in an address. */
  readonly address: string;
  readonly isActive: boolean;
  /** What it tells of; `*` for everything. */
  readonly events: readonly string[];
  /** Its newest delivery; null where there was none of late. */
  readonly last: { readonly statusCode: number; readonly status: string } | null;
}

/** Reads the webhooks that lead to a path, with their last deliveries; null where the token may not see them. @throws {SkeinError} SKN-x65x. */
export async function readHooks(
  options: CodeHostOptions,
  path: string,
): Promise<readonly RepositoryHook[] | null> {
  const wire = inRepository(createWire(options), options.name);
  const rows = await seen(wire.list("GET /repos/{owner}/{repo}/hooks", {}));
  if (rows === null) {
    return null;
  }
  const hooks: RepositoryHook[] = [];
  for (const row of rows) {
    const url = urlOf(row);
    if (url?.pathname.endsWith(path) === true) {
      hooks.push({
        address: `${url.host}${url.pathname}`,
        isActive: ownValue(row, "active") === true,
        events: textsOf(ownValue(row, "events")),
        last: await lastOf(wire, row),
      });
    }
  }
  return hooks;
}

async function lastOf(wire: Wire, row: LooseObject): Promise<RepositoryHook["last"]> {
  const rows = await seen(
    wire.list(
      "GET /repos/{owner}/{repo}/hooks/{hook_id}/deliveries",
      { hook_id: ownValue(row, "id"), per_page: 1 },
      () => true,
    ),
  );
  const [newest] = rows ?? [];
  if (newest === undefined) {
    return null;
  }
  return {
    statusCode: Number(ownValue(newest, "status_code")),
    status: ownText(newest, "status") ?? "",
  };
}

/** Null in place of what a token may not see: hosts say 403 or 404. */
async function seen<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await orNull(work);
  } catch (error) {
    if (isFailure(error, hostingErrors.denied)) {
      return null;
    }
    throw error;
  }
}

function urlOf(row: LooseObject): URL | null {
  const config = ownObject(row, "config");
  const text = isLooseObject(config) ? (ownText(config, "url") ?? "") : "";
  return URL.canParse(text) ? new URL(text) : null;
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}
