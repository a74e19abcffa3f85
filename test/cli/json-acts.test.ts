import { afterAll, afterEach, describe, expect, test } from "vitest";
import { actDocuments } from "../../scripts/cli-schema-acts.ts";
import { openProject } from "../../src/compose.ts";
import type { OpenProject } from "../../src/compose.ts";
import type { Caller } from "../../src/core/dispatch/index.ts";
import { removeRepositories, testEnv } from "../adapters/git/repositories.ts";
import { faultsOf } from "../support/cli-documents.ts";
import { aCommandLine, twoTasks } from "./command-line.ts";
import type { CommandLine } from "./command-line.ts";

const ada: Caller = {
  handle: null,
  externalId: "claude:ada",
  parentExternalId: null,
  process: null,
  client: "claude-code",
  gitDir: null,
  branch: null,
  name: "ada",
  role: null,
  skills: null,
};

/** A command that steers something, and how what it steers comes to be. */
interface Scene {
  readonly words: string;
  readonly before?: Before | undefined;
  /** True: the command stops at its first line. */
  readonly isStream?: boolean | undefined;
}

type Before = (on: { readonly line: CommandLine; readonly project: OpenProject }) => Promise<void>;

const said =
  (words: string): Before =>
  async ({ line }) => {
    await line.skein(words);
  };

/** An agent holds T1, and a path of its own. */
const claims: Before = async ({ project: { skein } }) => {
  const shared = { caller: ada, key: null, signal: null, waitMs: 0 };
  await skein.dispatch.nextTask({ ...shared, plan: null, task: null });
  await skein.dispatch.claimFiles({
    ...shared,
    paths: ["notes/**"],
    mode: "exclusive",
    durationMs: null,
    reason: "notes",
    origin: "files",
  });
};

const asks: Before = async (on) => {
  await claims(on);
  const { skein } = on.project;
  const session = await skein.dispatch.find(ada);
  await skein.store.write((tx) =>
    skein.approvals.ask(tx, {
      session: session?.id ?? "s1",
      plan: "demo",
      task: "T1",
      question: "Delete the table?",
      options: ["yes", "no"],
      deadlineInMs: null,
    }),
  );
};

/** T1's work is handed in as a commit beside the default branch. */
const handsIn: Before = async ({ line, project: { skein } }) => {
  const commit = line.repository.commitOn("work", { "src/a.ts": "1\n" });
  const shared = { caller: ada, key: null };
  const next = { ...shared, plan: null, task: null, waitMs: 0, signal: null };
  const { claim } = await skein.dispatch.nextTask(next);
  await skein.dispatch.finishTask({
    ...shared,
    task: claim?.task.id ?? "",
    fence: claim?.fence ?? 0,
    outcome: "submitted",
    summary: "done",
    cause: null,
    commit,
    usage: [],
    claimNext: false,
  });
};

const lands: Before = async (on) => {
  await handsIn(on);
  on.line.repository.git("merge", "-q", "--ff-only", "work");
};

const scenes: Readonly<Record<string, Scene>> = {
  "plan export": { words: "plan export demo" },
  "plan pause": { words: "plan pause demo" },
  "plan pause --dry-run": { words: "plan pause demo --dry-run" },
  "plan resume": { words: "plan resume demo", before: said("plan pause demo") },
  "plan resume --dry-run": { words: "plan resume demo --dry-run", before: said("plan pause demo") },
  "plan cancel": { words: "plan cancel demo --yes", before: claims },
  "plan cancel --dry-run": { words: "plan cancel demo --dry-run" },
  "task reassign": { words: "task reassign T1 --reason late --yes", before: claims },
  "task reassign --dry-run": { words: "task reassign T1 --dry-run", before: claims },
  "task release": { words: "task release T1 --reason late --yes", before: claims },
  "task release --dry-run": { words: "task release T1 --dry-run", before: claims },
  "task retry": { words: "task retry T1", before: said("task cancel T1 --yes") },
  "task retry --dry-run": {
    words: "task retry T1 --dry-run",
    before: said("task cancel T1 --yes"),
  },
  "task cancel": { words: "task cancel T1 --yes", before: claims },
  "task cancel --dry-run": { words: "task cancel T1 --dry-run", before: claims },
  "task verify": { words: "task verify T1", before: lands },
  "lease release": {
    words: "lease release L2 --force --reason late --yes",
    before: claims,
  },
  "session revoke": { words: "session revoke ada --reason gone --yes", before: claims },
  "session revoke --dry-run": { words: "session revoke ada --dry-run", before: claims },
  "approve --answer": { words: "approve A1 --answer yes", before: asks },
  "approve --dry-run": { words: "approve A1 --answer yes --dry-run", before: asks },
  "approve --extend": { words: "approve A1 --extend", before: asks },
  "integrate --watch": { words: "integrate --watch", before: handsIn, isStream: true },
  "audit export -": { words: "audit export -" },
};

const opened: OpenProject[] = [];

afterEach(async () => {
  for (const { skein } of opened.splice(0)) {
    await skein.close();
  }
});
afterAll(removeRepositories);

/** The first document that a command prints, where it did what was asked. */
async function print({ words, before, isStream = false }: Scene): Promise<unknown> {
  const line = aCommandLine({ "plan.yml": twoTasks.replace("verify: none", "verify: merge") });
  await line.skein("plan import plan.yml");
  const project = await openProject({ cwd: line.repository.root, env: testEnv });
  opened.push(project);
  await before?.({ line, project });
  const stop = new AbortController();
  const { code, out, err } = await line.skein(`${words} --json`, {
    signal: stop.signal,
    onWrite: () => {
      stop.abort();
    },
  });

  expect([code, err]).toEqual([isStream ? 130 : 0, ""]);
  return JSON.parse(out.startsWith("{\n") ? out : (out.split("\n", 1)[0] ?? ""));
}

describe("--json of a command that steers", () => {
  for (const name of Object.keys({ ...actDocuments, ...scenes })) {
    test(`\`${name}\` prints what the schema says`, async () => {
      const printed = await print(scenes[name] ?? { words: name });

      expect(faultsOf(name, printed)).toEqual([]);
    });
  }

  test("`plan export` prints the plan's own file where JSON is the file's form", async () => {
    const printed = await print({ words: "plan export demo --format json" });

    expect(faultsOf("plan export --format json", printed)).toEqual([]);
  });

  test("`lease release` says the same of what is not released yet", async () => {
    const line = aCommandLine();
    const env = { CLAUDE_CODE_SESSION_ID: "ada" };
    await line.skein("lease take README.md", { env });

    const dry = await line.skein("lease release --dry-run --json", { env });
    const own = await line.skein("lease release --json", { env });

    expect(JSON.parse(dry.out)).toMatchObject({ dry_run: true, released: [{ id: "L1" }] });
    expect(JSON.parse(own.out)).toMatchObject({ dry_run: false, released: [{ id: "L1" }] });
  });
});
