import type { MicroUsd } from "../core/base/ids.ts";
import type { Policy } from "../core/rules/index.ts";
import { toAuth } from "./auth.ts";
import type { AuthSettings } from "./auth.ts";
import { toLimits } from "./limits.ts";
import type { LimitSettings } from "./limits.ts";
import { toModels, toProviders } from "./models.ts";
import type { ModelSetting, ProviderSetting } from "./models.ts";
import { toGithub } from "./github.ts";
import type { GithubSetting } from "./github.ts";
import { toRules } from "./rules.ts";
import type { SettingsFile } from "./schema.ts";
import { toBudgets, toChains, toFeatures, toMicroUsd, toProfile, toReview } from "./swarm.ts";
import type {
  BudgetSettings,
  ChainSettings,
  FeatureSettings,
  ProfileSetting,
  ReviewSetting,
} from "./swarm.ts";
import { splitWords } from "./words.ts";

/** What a repository's people decided about Skein. Every field has a value; see docs/configuration.md for the defaults. */
export interface Settings {
  readonly integration: {
    /** Where work lands; null: the repository's default branch. */
    readonly branch: string | null;
    readonly method: "rebase" | "merge";
    /** Names in `checks`. */
    readonly checks: readonly string[];
  };
  readonly checks: ReadonlyMap<string, CheckSetting>;
  readonly store: StoreSettings;
  readonly leases: {
    /** How long a lease lasts after its session's last call. */
    readonly durationMs: number;
    /** `auto`: as git's `core.ignorecase` says. */
    readonly caseInsensitive: boolean | "auto";
  };
  /** Patterns of paths that need no lease. */
  readonly generated: readonly string[];
  readonly branches: BranchSettings;
  /** What the whole project may spend; counts once it is committed on the default branch. */
  readonly budgetMicroUsd: MicroUsd | null;
  /** From here on: what is as committed on the default branch counts; see `compose-models.ts`. */
  readonly providers: ReadonlyMap<string, ProviderSetting>;
  readonly models: ReadonlyMap<string, ModelSetting>;
  readonly review: ReviewSetting;
  /** The name of the model that plans; null: only what needs no model can be planned. */
  readonly planner: string | null;
  readonly chains: ChainSettings;
  readonly budgets: BudgetSettings;
  readonly profile: ProfileSetting | null;
  readonly features: FeatureSettings;
  /** What holds for a pull request; counts as committed on the default branch. */
  readonly rules: Policy;
  readonly github: GithubSetting;
  /** The server that the repository proposes; it counts once a person of the clone agreed (`compose-server.ts`). */
  readonly server: { readonly url: string; readonly token: string | null } | null;
  /** Who may call `skein serve`; null: only who holds the secret of its machine. In a repository it counts when a person says so. */
  readonly auth: AuthSettings | null;
  /** How the processes of a database wake each other. */
  readonly bus: BusSettings;
  readonly audit: AuditSettings;
  /** What one project may hold; see `limitsOf`. */
  readonly limits: LimitSettings;
}

/** See `compose-audit.ts`. */
export interface AuditSettings {
  /** `git-tag`, or `file:` and a path; null: nothing is anchored. */
  readonly anchor: string | null;
  /** A reference to the key; null: the usual variable, if it is set. */
  readonly key: string | null;
  /** SPKI in base64. */
  readonly publicKeys: readonly string[];
  readonly retentionDays: number;
}

/** See `compose-bus.ts`. */
export interface BusSettings {
  /** Null: as its address says. */
  readonly kind: "postgres" | "redis" | null;
  /** A reference to the address; null: the usual variable, if it is set. */
  readonly url: string | null;
}

/** Where the ledger is and how it is kept. */
export interface StoreSettings {
  readonly durability: "full" | "normal";
  /** The database that the file names: an address without a password, or a reference; null: a SQLite file. See `store-place.ts`. */
  readonly url: string | null;
  /** The project's name in a database; null: as the remote `origin` says. */
  readonly project: string | null;
  /** The most connections of one process. */
  readonly connections: number;
  /** How long a database may work on one statement, in milliseconds. */
  readonly statementMs: number;
}

/** A command that people named. It is run as it stands, without a shell. */
export interface CheckSetting {
  readonly argv: readonly string[];
  readonly timeoutMs: number;
}

export interface BranchSettings {
  /** Patterns of branches to which no agent commits or pushes. */
  readonly protected: readonly string[];
  /** Patterns of branches on which agents of a tier may work; null: any. */
  readonly agents: Readonly<
    Record<"lead" | "manager" | "worker" | "sub", readonly string[] | null>
  >;
}

/** Fills what the file leaves out with the defaults, and turns its units into those of core. */
export function toSettings(file: SettingsFile): Settings {
  return {
    integration: toIntegration(file.integration ?? {}),
    checks: toChecks(file.checks),
    store: toStore(file.store ?? {}),
    leases: toLeases(file.leases ?? {}),
    generated: file.generated ?? [],
    branches: toBranches(file.branches ?? {}),
    budgetMicroUsd: toMicroUsd(file.budget_usd),
    ...toSwarm(file),
    rules: toRules(file),
    github: toGithub(file.github ?? {}),
    ...toMachines(file),
  };
}

/** What matters where more than one machine is involved. */
function toMachines(
  file: SettingsFile,
): Pick<Settings, "audit" | "auth" | "bus" | "limits" | "server"> {
  return {
    server:
      file.server === undefined ? null : { url: file.server.url, token: file.server.token ?? null },
    auth: toAuth(file.auth),
    bus: toBus(file.bus ?? {}),
    audit: toAudit(file.audit ?? {}),
    limits: toLimits(file.limits ?? {}),
  };
}

type Swarm = Pick<
  Settings,
  "providers" | "models" | "review" | "planner" | "chains" | "budgets" | "profile" | "features"
>;

function toSwarm(file: SettingsFile): Swarm {
  const profile = toProfile(file.profile);
  return {
    providers: toProviders(file.providers, profile?.requestsPerMinute ?? null),
    models: toModels(file),
    review: toReview(file.review ?? {}, profile),
    planner: file.planner?.model ?? null,
    chains: toChains(file.chains ?? {}),
    budgets: toBudgets(file.budgets ?? {}),
    profile,
    features: toFeatures(file.features ?? {}),
  };
}

function toIntegration(written: Section<"integration">): Settings["integration"] {
  const { branch = null, method = "rebase", checks = [] } = written;
  return { branch, method, checks };
}

function toStore(written: Section<"store">): StoreSettings {
  const { durability = "full", url = null, project = null } = written;
  const { connections = 20, statement_seconds: statementSeconds = 30 } = written;
  return { durability, url, project, connections, statementMs: statementSeconds * 1_000 };
}

function toAudit(written: Section<"audit">): AuditSettings {
  const { anchor = null, key = null, public_keys: publicKeys = [] } = written;
  return { anchor, key, publicKeys, retentionDays: written.retention_days ?? 90 };
}

function toBus(written: Section<"bus">): BusSettings {
  return { kind: written.kind ?? null, url: written.url ?? null };
}

function toLeases(written: Section<"leases">): Settings["leases"] {
  const { minutes = 30, case_insensitive: caseInsensitive = "auto" } = written;
  return { durationMs: minutes * 60_000, caseInsensitive };
}

function toBranches(written: Section<"branches">): BranchSettings {
  return { protected: written.protected ?? [], agents: toTiers(written.agents ?? {}) };
}

export function toChecks(checks: SettingsFile["checks"]): ReadonlyMap<string, CheckSetting> {
  return new Map(
    Object.entries(checks ?? {}).map(([name, { run, timeout_seconds }]) => [
      name,
      {
        argv: typeof run === "string" ? (splitWords(run) ?? []) : run,
        timeoutMs: timeout_seconds * 1_000,
      },
    ]),
  );
}

type Section<K extends keyof SettingsFile> = NonNullable<SettingsFile[K]>;
type Agents = NonNullable<Section<"branches">["agents"]>;

function toTiers(agents: Agents): BranchSettings["agents"] {
  if (Array.isArray(agents)) {
    return { lead: agents, manager: agents, worker: agents, sub: agents };
  }
  const { lead = null, manager = null, worker = null, sub = null } = agents;
  return { lead, manager, worker, sub };
}
