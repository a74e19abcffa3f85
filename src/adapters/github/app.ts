import { SkeinError } from "../../core/base/errors.ts";
import { isLooseObject, ownObject, ownText, ownValue } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { hostingErrors } from "../../core/hosting/index.ts";
import type { CodeHost, RepositoryName } from "../../core/hosting/index.ts";
import { readChanges } from "./changes.ts";
import type { MissedEvent } from "./changes.ts";
import { createCodeHost } from "./code-host.ts";
import { isFailure } from "./failures.ts";
import { countOf, needId, needObject, needText, needTimeMs } from "./shapes.ts";
import { once } from "./once.ts";
import { createWire, inRepository } from "./wire.ts";
import type { Wire, WireOptions } from "./wire.ts";

/** A GitHub App and how its host is reached. */
export interface AppOptions extends Omit<WireOptions, "token"> {
  readonly appId: number;
  /** PEM, as the host gave it. */
  readonly privateKey: string;
}

/** What a token may do, as `{ contents: "read", checks: "write" }`. */
export type TokenPermissions = Readonly<Record<string, "read" | "write">>;

/** A token for one repository. */
export interface MintedToken {
  readonly token: string;
  readonly expiresAtMs: number;
  /** Ends it before its time. Without an error when it has ended, or the host cannot be told: then it ends within an hour. */
  revoke(): Promise<void>;
}

/** One attempt of the host to deliver an event. */
export interface DeliveryAttempt {
  readonly id: number;
  /** The same for every attempt of one delivery. */
  readonly guid: string;
  readonly deliveredAtMs: number;
  readonly isRedelivery: boolean;
  /** The status that was answered; 0 when nobody did. */
  readonly statusCode: number;
  /** As `pull_request`. */
  readonly event: string;
}

export interface AppIdentity {
  readonly id: number;
  /** As `skein-review`. Its account is the same with `[bot]` behind it. */
  readonly slug: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly events: readonly string[];
}

/** How the host delivers to an App. */
export interface AppHook {
  /** Null: it delivers nowhere. */
  readonly address: string | null;
  /** As `json` or `form`. */
  readonly contentType: string;
  /** True where the certificate of the address is verified. */
  readonly isVerified: boolean;
  readonly hasSecret: boolean;
}

/** A GitHub App. It holds no token of its own: each is for one repository and one run. */
export interface App {
  /** The host's word, asked once. */
  self(): Promise<AppIdentity>;
  /** The App's own webhook. */
  hook(): Promise<AppHook>;
  /** The newest attempt to deliver to it; null: there was none of late. */
  newestDelivery(): Promise<DeliveryAttempt | null>;
  isInstalledIn(name: RepositoryName): Promise<boolean>;
  /** Makes a token for one repository with these permissions and no others. @throws {SkeinError} SKN-3651, SKN-5651 or SKN-7651 */
  tokenFor(name: RepositoryName, permissions: TokenPermissions): Promise<MintedToken>;
  /** The same as an open repository; closing it ends the token. */
  open(name: RepositoryName, permissions: TokenPermissions): Promise<CodeHost>;
  /** What a repository's deliveries since a time would have told. */
  changesSince(name: RepositoryName, sinceMs: number): Promise<readonly MissedEvent[]>;
  /** What the host tried to deliver since a time, the newest first. */
  deliveriesSince(sinceMs: number): Promise<readonly DeliveryAttempt[]>;
  /** Asks the host to deliver once more. */
  redeliver(attemptId: number): Promise<void>;
}

export function createApp(options: AppOptions): App {
  const wire = async (): Promise<Wire> => createWire({ ...options, token: await signIn(options) });
  const tokenFor: App["tokenFor"] = async (name, permissions) =>
    mint(await wire(), { name, permissions, options });
  return {
    self: once(async () => readIdentity(await (await wire()).read("GET /app"))),
    hook: async () => readHook(await (await wire()).find("GET /app/hook/config")),
    newestDelivery: async () => {
      const values = { per_page: 1 };
      const rows = await (await wire()).list("GET /app/hook/deliveries", values, () => true);
      return rows.map(readAttempt)[0] ?? null;
    },
    isInstalledIn: async (name) => {
      const found = await inRepository(await wire(), name).find(
        "GET /repos/{owner}/{repo}/installation",
      );
      return found !== null;
    },
    tokenFor,
    open: async (name, permissions) => {
      const minted = await tokenFor(name, permissions);
      const { token } = minted;
      return createCodeHost({ ...options, name, token, release: async () => minted.revoke() });
    },
    changesSince: async (name, sinceMs) => {
      const minted = await tokenFor(name, lookOnly);
      try {
        const one = inRepository(createWire({ ...options, token: minted.token }), name);
        return await readChanges(one, sinceMs);
      } finally {
        await minted.revoke();
      }
    },
    deliveriesSince: async (sinceMs) => {
      const rows = await (
        await wire()
      ).list("GET /app/hook/deliveries", {}, (sofar) => {
        const last = sofar.at(-1);
        return last === undefined || needTimeMs(last, "delivered_at") < sinceMs;
      });
      return rows.map(readAttempt).filter(({ deliveredAtMs }) => deliveredAtMs >= sinceMs);
    },
    redeliver: async (attemptId) => {
      const route = "POST /app/hook/deliveries/{delivery_id}/attempts";
      await (await wire()).set(route, { delivery_id: attemptId });
    },
  };
}

const lookOnly: TokenPermissions = { metadata: "read", issues: "read", pull_requests: "read" };

/** Ten minutes' proof that we are the App. */
async function signIn({ appId, privateKey }: AppOptions): Promise<string> {
  // Only who runs an App loads what signs.
  const { createAppAuth } = await import("@octokit/auth-app");
  try {
    const { token } = await createAppAuth({ appId, privateKey })({ type: "app" });
    return token;
  } catch {
    // The foreign error may hold the key.
    throw new SkeinError(hostingErrors.denied, {
      message: "The private key of the GitHub App cannot be read.",
      fix: "Give the file that GitHub gave when the key was made, from its first line to its last.",
      facts: { app_id: appId },
    });
  }
}

interface Minting {
  readonly name: RepositoryName;
  readonly permissions: TokenPermissions;
  readonly options: AppOptions;
}

async function mint(wire: Wire, { name, permissions, options }: Minting): Promise<MintedToken> {
  const [owner = "", repo = ""] = name.split("/");
  const found = await wire.read("GET /repos/{owner}/{repo}/installation", { owner, repo });
  const answer = needObject(
    await wire.set("POST /app/installations/{installation_id}/access_tokens", {
      installation_id: needId(needObject(found, "the installation"), "id"),
      repositories: [repo],
      permissions,
    }),
    "the token",
  );
  const token = needText(answer, "token");
  const giveBack = async (): Promise<void> => revoke({ ...options, token });
  const expiresAtMs = endOf(answer, options.clock.nowMs());
  if (
    expiresAtMs === null ||
    !isOnlyFor(answer, name) ||
    !isWithin(ownValue(answer, "permissions"), permissions)
  ) {
    await giveBack();
    throw new SkeinError(hostingErrors.denied, {
      message: `The code host gave a token that may do more than it was asked for ${name}.`,
      facts: { repository: name },
    });
  }
  return { token, expiresAtMs, revoke: giveBack };
}

/** A token lasts an hour. Clocks that are further apart than this would let nobody sign in as an App, in milliseconds. */
const longestMs = 3_600_000 + 600_000;

/** When a token ends; null where it lasts longer than an hour, or the host does not say. */
function endOf(answer: LooseObject, nowMs: number): number | null {
  const ms = Date.parse(ownText(answer, "expires_at") ?? "");
  return ms <= nowMs + longestMs ? ms : null;
}

/** A token for all of an account comes without a list. */
function isOnlyFor(answer: LooseObject, name: RepositoryName): boolean {
  const repositories = ownValue(answer, "repositories");
  const [first, ...others]: readonly unknown[] = Array.isArray(repositories) ? repositories : [];
  const only = isLooseObject(first) ? ownText(first, "full_name") : null;
  return others.length === 0 && only?.toLowerCase() === name.toLowerCase();
}

/** The host adds the reading of metadata to every token. */
function isWithin(granted: unknown, asked: TokenPermissions): boolean {
  return (
    isLooseObject(granted) &&
    Object.entries(granted).every(([key, level]) =>
      level === "read"
        ? Object.hasOwn(asked, key) || key === "metadata"
        : Object.hasOwn(asked, key) && asked[key] === level,
    )
  );
}

async function revoke(options: WireOptions): Promise<void> {
  try {
    // The run's own signal may have ended it.
    await createWire({ ...options, signal: undefined }).set("DELETE /installation/token");
  } catch (error) {
    const isLeft = error instanceof SkeinError && !isFailure(error, hostingErrors.garbled);
    if (!isLeft) {
      throw error;
    }
  }
}

function readIdentity(value: unknown): AppIdentity {
  const app = needObject(value, "the App");
  const events = ownValue(app, "events");
  return {
    id: needId(app, "id"),
    slug: needText(app, "slug"),
    permissions: Object.fromEntries(
      Object.entries(ownObject(app, "permissions")).map(([key, level]) => [key, String(level)]),
    ),
    events: Array.isArray(events)
      ? events.filter((each): each is string => typeof each === "string")
      : [],
  };
}

/** An App that never had a webhook has no configuration, or one without an address. */
function readHook(value: unknown): AppHook {
  const config = isLooseObject(value) ? value : {};
  const address = ownText(config, "url") ?? "";
  return {
    address: address === "" ? null : address,
    contentType: ownText(config, "content_type") ?? "form",
    // The host writes it as a number or as a text.
    isVerified: [undefined, null, 0, "0"].some((each) => each === ownValue(config, "insecure_ssl")),
    hasSecret: (ownText(config, "secret") ?? "") !== "",
  };
}

function readAttempt(row: LooseObject): DeliveryAttempt {
  return {
    id: needId(row, "id"),
    guid: needText(row, "guid"),
    deliveredAtMs: needTimeMs(row, "delivered_at"),
    isRedelivery: ownValue(row, "redelivery") === true,
    statusCode: countOf(row, "status_code") ?? 0,
    event: ownText(row, "event") ?? "",
  };
}
