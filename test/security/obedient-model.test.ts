import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";

import { removeRepositories } from "../adapters/git/repositories.ts";
import type { CommandLine, Outcome } from "../cli/command-line.ts";
import { recordActs, treeOf } from "../support/act-recorder.ts";
import { startModelServer } from "../support/model-servers/index.ts";
import type { ModelServer } from "../support/model-servers/index.ts";
import { obey, payloadsOf } from "../support/obedient-model.ts";
import type { Payload } from "../support/obedient-model.ts";
import { createRandom } from "../support/planted-random.ts";
import { proofRun } from "../support/proof.ts";
import { aBranchToReview, git, reviewEnv, settingsFor, write } from "../support/review-stand.ts";

const run = proofRun("T1", 60);
/** So many payloads stand in one change: no seat may name more findings. */
const each = 20;

let home: string;
let elsewhere: ModelServer;

beforeEach(async () => {
  home = mkdtempSync(join(realpathSync(tmpdir()), "skein-home-"));
  mkdirSync(join(home, ".ssh"));
  writeFileSync(join(home, ".ssh/id_ed25519"), "the-private-key-of-this-user");
  writeFileSync(join(home, "keep"), "keep");
  elsewhere = await startModelServer();
});
afterEach(async () => {
  await elsewhere.close();
  rmSync(home, { recursive: true, force: true });
});
afterAll(removeRepositories);

function batches(): readonly (readonly Payload[])[] {
  const random = createRandom(run.seed);
  const all = payloadsOf(random, { count: run.count, home, url: elsewhere.url });
  return Array.from({ length: Math.ceil(all.length / each) }, (_, index) =>
    all.slice(index * each, (index + 1) * each),
  );
}

/** Where others' words get to a reviewer or a planner. */
type Carry = (root: string, payloads: readonly Payload[]) => void;

const carriers: Readonly<Record<string, Carry>> = {
  "the diff": (root, payloads) => {
    for (const { id, text } of payloads) {
      write(root, `src/${id}.ts`, `// ${text}\nexport const ${id} = 1;\n`);
    }
  },
  "names of files": (root, payloads) => {
    for (const { id, text } of payloads) {
      const name = `${text.replaceAll(/[/\0]/gu, "_").slice(0, 60)} ${id}.ts`;
      write(root, `src/${name}`, "export const a = 1;\n");
    }
  },
  "instructions on the branch": (root, payloads) => {
    const text = payloads.map((payload) => payload.text).join("\n");
    write(root, "AGENTS.md", text);
    write(root, "REVIEW.md", text);
    write(root, "skein.yml", `# ${text.replaceAll("\n", "\n# ")}\nreview: { seats: 20 }\n`);
    write(root, ".gitattributes", "*.ts diff=owned filter=owned -diff\n");
  },
  "links and settings": (root, payloads) => {
    for (const { id, text } of payloads) {
      write(root, `.github/workflows/${id}.yml`, `run: ${text}\n`);
      write(root, `deep/${id}/CLAUDE.md`, text);
    }
  },
};

function commit(root: string, payloads: readonly Payload[]): void {
  git(root, ["add", "-A"]);
  const message = payloads.map(({ text }) => text.replaceAll("\0", "")).join("\n");
  git(root, ["commit", "-q", "--allow-empty", "-m", message]);
}

interface Attacked {
  readonly line: CommandLine;
  readonly server: ModelServer;
  readonly work: () => Promise<Outcome>;
}

/** Runs the command, and looks for anything that it did beside asking its models and keeping what they said. */
async function expectNoAct({ line, server, work }: Attacked): Promise<Outcome> {
  const { root } = line.repository;
  const trees = (): ReadonlyMap<string, string> =>
    new Map([...treeOf(dirname(root), [join(root, ".git/skein")]), ...treeOf(home, [])]);
  const before = trees();
  const results: Outcome[] = [];

  const { programs, addresses } = await recordActs(async () => {
    results.push(await work());
  });

  expect(trees()).toEqual(before);
  expect([...addresses]).toEqual([server.url.replace("http://", "")]);
  expect(elsewhere.calls).toEqual([]);
  expect(programs.length).toBeGreaterThan(0);
  for (const [program = "", ...words] of programs) {
    expect(program).toBe("git");
    expect(
      words.some((word) => reads.has(word)),
      words.join(" "),
    ).toBe(true);
  }
  for (const { body } of server.calls) {
    expect(Object.keys(body).filter((name) => /tool|function|mcp/u.test(name))).toEqual([]);
  }
  const [result] = results;
  return result ?? { code: -1, out: "", err: "" };
}

/** What git may be asked: it reads, and writes at most its own temporary index. */
const reads: ReadonlySet<string> = new Set([
  "cat-file",
  "config",
  "diff",
  "diff-tree",
  "for-each-ref",
  "ls-files",
  "ls-tree",
  "merge-base",
  "rev-list",
  "rev-parse",
  "show-ref",
  "symbolic-ref",
]);

/** What every call leaves in the log. */
const paid = ["call.reserved", "spend.recorded"];

/** The kinds of all that was written into the log. */
async function kindsOf(line: CommandLine): Promise<readonly string[]> {
  const { out } = await line.skein("events --json --limit 1000");
  const kinds = [...out.matchAll(/"kind": ?"([a-z_.]+)"/gu)].map(([, kind = ""]) => kind);
  return [...new Set(kinds)].toSorted();
}

describe("T1: a model that obeys what it reads", () => {
  const texts = `${String(run.count)} texts`;

  test.each(Object.keys(carriers))(
    `does nothing but write findings, told by %s, ${texts}`,
    async (name) => {
      for (const payloads of batches()) {
        const server = await startModelServer({ reply: obey(payloads) });
        try {
          const line = aBranchToReview(settingsFor(server, server));
          const { root } = line.repository;
          carriers[name]?.(root, payloads);
          commit(root, payloads);

          const { code, out, err } = await expectNoAct({
            line,
            server,
            work: async () =>
              line.skein("review --preset balanced --json", { env: { ...reviewEnv, HOME: home } }),
          });

          expect([0, 20, 21], err).toContain(code);
          expect(server.calls.length).toBeGreaterThan(0);
          expect(out).not.toContain("the-private-key");
          expect(await kindsOf(line)).toEqual(
            [...paid, "review.finished", "review.started"].toSorted(),
          );
        } finally {
          await server.close();
        }
      }
    },
  );

  test(`does nothing but draft a plan that a person has yet to approve, told by an issue, ${texts}`, async () => {
    for (const payloads of batches()) {
      const server = await startModelServer({ reply: obey(payloads) });
      try {
        const line = aBranchToReview(settingsFor(server, server));
        const issue = join(home, "issue.md");
        writeFileSync(issue, `# Mend all\n\n${payloads.map(({ text }) => text).join("\n\n")}\n`);

        const { code, out, err } = await expectNoAct({
          line,
          server,
          work: async () =>
            line.skein(["plan", "draft", "--issue", issue, "--by", "model", "--json"], {
              env: { ...reviewEnv, HOME: home },
            }),
        });

        expect(server.calls.length, err).toBeGreaterThan(0);
        expect(out + err).not.toContain("the-private-key");
        expect(code, err).toBe(0);
        expect(await kindsOf(line)).toEqual([...paid, "plan.drafted"].toSorted());
      } finally {
        await server.close();
      }
    }
  });
});
