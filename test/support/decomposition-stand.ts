import { createDecomposition, createWork } from "../../src/core/decomposition/index.ts";
import type { Decomposition, ProposeOutcome } from "../../src/core/decomposition/index.ts";
import type { Sign, User } from "../../src/core/hosting/index.ts";
import { createPlanner } from "../../src/core/planner/index.ts";
import type { Planner } from "../../src/core/planner/index.ts";
import { files, policy } from "../core/planner/builders.ts";
import { createStand } from "./coordination.ts";
import type { CoordinationStand } from "./coordination.ts";
import { createMemoryHost } from "./memory-host.ts";
import type { HostCaps, MemoryHost } from "./memory-host.ts";
import { openMemoryStore } from "./stores.ts";
import { createSeededRandom } from "./virtual-time.ts";

/** An issue whose own checklist is planned without a model: four tasks, four dependencies. */
export const issueBody = `Shoppers see net prices.

## Tasks

- [ ] Look the tax rate up by country (files: src/price/rules.ts) ~40m
- [ ] Round gross prices to the cent (files: src/price/round.ts) (after: T1) ~30m
- [ ] Show gross prices in the cart (files: src/cart.ts) (after: T1, T2) ~30m
- [ ] Mail gross prices in the receipt (files: src/mail/send.ts) (after: T2) ~20m
`;

export const edges = 4;

export interface StandOptions {
  readonly caps?: Partial<HostCaps> | undefined;
  /** False: an Action, which has no database between its runs. Default true. */
  readonly hasDatabase?: boolean | undefined;
  readonly sign?: Sign | undefined;
  readonly body?: string | undefined;
  readonly issueLimit?: number | undefined;
}

/** A repository on a host, its coordination, and Skein's decomposition of issue `number` between them. */
export interface DecompositionStand {
  readonly hub: MemoryHost;
  readonly skein: CoordinationStand;
  readonly planner: Planner;
  readonly decomposition: Decomposition;
  readonly number: number;
  readonly plan: string;
  readonly ann: User;
  readonly mallory: User;
  /** Moves the branch that work starts from. */
  moveBase(commit: string): void;
  propose(): Promise<ProposeOutcome>;
  /** The hash that the comment shows. */
  shownHash(): string;
  /** Proposes and approves. */
  create(): Promise<void>;
  /** The children, by key. */
  children(): ReadonlyMap<string, number>;
  statuses(): Promise<Readonly<Record<string, string>>>;
}

export async function createDecompositionStand(
  options: StandOptions = {},
): Promise<DecompositionStand> {
  const { caps = {}, hasDatabase = true, sign, body = issueBody } = options;
  const hub = createMemoryHost(caps);
  const skein = await createStand(openMemoryStore);
  const ann = hub.person("ann", "write");
  const mallory = hub.person("mallory", "read");
  const { number } = hub.open(mallory, { title: "Gross prices", body });
  const plan = `gh-${String(number)}`;
  let base = "a".repeat(40);
  const planner = createPlanner({
    ...skein,
    policy,
    random: createSeededRandom(7),
    parsePath: (text) => skein.parsePath(text),
    importPlan: async (draft, given) => skein.dispatch.importPlan(draft, given),
    readBase: async () => Promise.resolve({ commit: base, paths: files }),
    models: async () => Promise.reject(new Error("No model is asked.")),
    price: async () => Promise.resolve(null),
    readText: async () => Promise.resolve(null),
  });
  const decomposition = createDecomposition({
    issueLimit: options.issueLimit ?? null,
    host: hub.host,
    sign: sign ?? null,
    findDraft: hasDatabase ? async (hash) => planner.find(hash) : null,
    readBase: async () => Promise.resolve(base),
    work: hasDatabase ? createWork({ ...skein, actor: "system" }) : null,
  });
  const propose = async (): Promise<ProposeOutcome> =>
    decomposition.propose({
      issue: number,
      draft: async (source, id) =>
        planner.draft({ source, id, actor: "system", signal: new AbortController().signal }),
    });
  const shownHash = (): string =>
    hub
      .comments(number)
      .map((comment) => /\/skein approve ([0-9a-f]{40})/u.exec(comment.body)?.[1])
      .find((hash) => hash !== undefined) ?? "";
  return {
    hub,
    skein,
    planner,
    decomposition,
    number,
    plan,
    ann,
    mallory,
    moveBase: (commit) => {
      base = commit;
    },
    propose,
    shownHash,
    create: async () => {
      await propose();
      await decomposition.approve({ issue: number, hash: shownHash(), by: ann });
    },
    children: () =>
      new Map(
        hub.issues().flatMap(({ body: text, number: child }) => {
          const key = /<!-- skein:child:v1 gh-\d+ (\S+)/u.exec(text)?.[1];
          return key === undefined ? [] : [[key, child] as const];
        }),
      ),
    statuses: async () =>
      skein.store.read(async (reader) => {
        const tasks = await skein.plans.listTasks(reader, { plan });
        return Object.fromEntries(tasks.map(({ id, status }) => [id, status]));
      }),
  };
}
