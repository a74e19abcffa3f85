import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

import { lintWorkflow } from "../support/workflow-lint.ts";
import type { LintRule } from "../support/workflow-lint.ts";

const pinned = "a".repeat(40);

const good = `
on:
  pull_request:
permissions: {}
concurrency: one
jobs:
  check:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@${pinned} # v5.0.0
        with:
          persist-credentials: false
      - run: npm test
`;

/** A release, which caches nothing. */
const release = readFileSync(".github/workflows/release.yml", "utf8");

/** Each plants one thing into a good workflow. */
const plants: readonly (readonly [rule: LintRule, what: string, from: string, to: string])[] = [
  [
    "template-injection",
    "a title in a shell",
    "npm test",
    'echo "${{ github.event.issue.title }}"',
  ],
  [
    "template-injection",
    "an expression in a script",
    "- run: npm test",
    `- uses: actions/github-script@${pinned} # v8.0.0\n        with:\n          script: "core.info('\${{ github.head_ref }}')"`,
  ],
  [
    "template-injection",
    "an expression for a shell",
    "- run: npm test",
    "- run: npm test\n        shell: ${{ inputs.shell }}",
  ],
  ["dangerous-triggers", "pull_request_target", "pull_request:", "pull_request_target:"],
  ["dangerous-triggers", "workflow_run", "pull_request:", "workflow_run: { workflows: [x] }"],
  ["excessive-permissions", "no word on powers", "permissions: {}\n", ""],
  ["excessive-permissions", "all powers", "permissions: {}", "permissions: write-all"],
  [
    "excessive-permissions",
    "a power of the whole workflow",
    "permissions: {}",
    "permissions: { contents: write }",
  ],
  [
    "excessive-permissions",
    "a job without a word on powers",
    "    permissions:\n      contents: read\n",
    "",
  ],
  [
    "excessive-permissions",
    "all reading",
    "    permissions:\n      contents: read\n",
    "    permissions: read-all\n",
  ],
  [
    "artipacked",
    "credentials that stay",
    "persist-credentials: false",
    "persist-credentials: true",
  ],
  [
    "artipacked",
    "credentials that stay by default",
    "        with:\n          persist-credentials: false\n",
    "",
  ],
  [
    "artipacked",
    "the whole workspace as an artifact",
    "- run: npm test",
    `- uses: actions/upload-artifact@${pinned} # v5.0.0\n        with:\n          path: .`,
  ],
  ["unpinned-uses", "a tag", `@${pinned} # v5.0.0`, "@v5.0.0 # v5.0.0"],
  ["unpinned-uses", "a branch", `@${pinned} # v5.0.0`, "@main # v5.0.0"],
  ["unpinned-uses", "a short commit", `@${pinned} # v5.0.0`, "@aaaaaaa # v5.0.0"],
  ["unpinned-uses", "an image by its tag", "- run: npm test", "- uses: docker://alpine:3 # v3.0.0"],
  ["github-env", "a variable for later steps", "npm test", 'echo "A=$1" >> "$GITHUB_ENV"'],
  ["github-env", "a folder for later steps", "npm test", 'echo "$1" >> $GITHUB_PATH'],
  [
    "secrets-inherit",
    "all secrets for another workflow",
    "    steps:",
    "    secrets: inherit\n    steps:",
  ],
  [
    "overprovisioned-secrets",
    "all secrets in one variable",
    "- run: npm test",
    "- run: npm test\n        env:\n          ALL: ${{ toJSON(secrets) }}",
  ],
  [
    "overprovisioned-secrets",
    "a secret by a computed name",
    "- run: npm test",
    "- run: npm test\n        env:\n          ONE: ${{ secrets[format('{0}', inputs.x)] }}",
  ],
  [
    "unredacted-secrets",
    "a part of a secret",
    "- run: npm test",
    "- run: npm test\n        env:\n          ONE: ${{ fromJSON(secrets.ALL).one }}",
  ],
  [
    "bot-conditions",
    "trust in an actor's name",
    "    steps:",
    "    if: github.actor == 'dependabot[bot]'\n    steps:",
  ],
  [
    "bot-conditions",
    "trust in an actor's name at a step",
    "- run: npm test",
    "- run: npm test\n        if: github.triggering_actor == 'x[bot]'",
  ],
  [
    "unsound-condition",
    "a condition that is a text",
    "- run: npm test",
    "- run: npm test\n        if: |\n          ${{ github.ref == 'refs/heads/x' }}",
  ],
  [
    "insecure-commands",
    "commands from outputs",
    "- run: npm test",
    "- run: npm test\n        env:\n          ACTIONS_ALLOW_UNSECURE_COMMANDS: true",
  ],
  ["self-hosted-runner", "a runner that remembers", "ubuntu-latest", "[self-hosted, linux]"],
  [
    "hardcoded-container-credentials",
    "a password",
    "    steps:",
    "    container: { image: x, credentials: { username: me, password: hunter2 } }\n    steps:",
  ],
  [
    "cache-poisoning",
    "a cache that a pull request fills",
    "- run: npm test",
    `- uses: actions/setup-node@${pinned} # v6.0.0\n        with:\n          cache: npm`,
  ],
  [
    "cache-poisoning",
    "a cache of its own that a pull request fills",
    "- run: npm test",
    `- uses: actions/cache@${pinned} # v4.0.0`,
  ],
  ["no-timeout", "six hours", "    timeout-minutes: 5\n", ""],
  ["no-version-comment", "a commit that nobody can read", " # v5.0.0", ""],
  ["no-concurrency", "runs that pile up", "concurrency: one\n", ""],
  [
    "shared-powers",
    "a key to a model where there is a power to write",
    "      contents: read\n    steps:",
    "      contents: write\n    env:\n      KEY: ${{ secrets.ANTHROPIC_API_KEY }}\n    steps:",
  ],
];

describe("lintWorkflow", () => {
  test("finds nothing in a good workflow", () => {
    expect(lintWorkflow(good)).toEqual([]);
  });

  test.each(plants)("finds %s: %s", (...[rule, , from, to]) => {
    const planted = good.replace(from, () => to);

    expect(planted).not.toBe(good);
    expect(lintWorkflow(planted).map((fault) => fault.rule)).toContain(rule);
  });

  test.each([
    ["the dependencies", "- run: npm publish", "- run: npm ci\n      - run: npm publish"],
    [
      "a program of the repository",
      "- run: npm publish",
      "- run: node a.js\n      - run: npm publish",
    ],
    ["scripts of the package", " --ignore-scripts", ""],
    ["the tests", "      contents: read\n", "      contents: read\n      id-token: write\n"],
  ])("finds an identity where %s run", (_, from, to) => {
    const planted = release.replace(from, () => to);

    expect(planted).not.toBe(release);
    expect(lintWorkflow(planted).map(({ rule }) => rule)).toEqual(["identity-of-strangers"]);
  });

  test.each([
    ["package-manager-cache: false", "cache: npm"],
    ["          package-manager-cache: false\n", ""],
    ["- run: npm ci", `- uses: actions/cache@${pinned} # v4.0.0\n      - run: npm ci`],
  ])("finds a cache in a release: %s", (from, to) => {
    const planted = release.replace(from, () => to);

    expect(planted).not.toBe(release);
    expect(lintWorkflow(planted).map(({ rule }) => rule)).toEqual(["cache-poisoning"]);
  });
});
