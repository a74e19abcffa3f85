import { parse } from "yaml";
import { z } from "zod";

/** A rule of zizmor, or one of ours, and where a workflow breaks it. */
export interface LintFault {
  readonly rule: LintRule;
  /** As `jobs.check.steps[0]`. */
  readonly where: string;
}

/** The rules by their names at zizmor; the last five are ours. */
export type LintRule =
  | "template-injection"
  | "dangerous-triggers"
  | "excessive-permissions"
  | "artipacked"
  | "unpinned-uses"
  | "cache-poisoning"
  | "github-env"
  | "secrets-inherit"
  | "overprovisioned-secrets"
  | "unredacted-secrets"
  | "bot-conditions"
  | "unsound-condition"
  | "insecure-commands"
  | "self-hosted-runner"
  | "hardcoded-container-credentials"
  | "no-timeout"
  | "no-version-comment"
  | "shared-powers"
  | "identity-of-strangers"
  | "no-concurrency";

const text = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const map = z.record(z.string(), text).default({});

const step = z.looseObject({
  run: z.string().default(""),
  uses: z.string().default(""),
  if: text.optional(),
  shell: z.string().default(""),
  with: map,
  env: map,
});
type Step = z.infer<typeof step>;

const permissions = z.union([z.record(z.string(), z.string()), z.string(), z.null()]).optional();

const job = z.looseObject({
  permissions,
  if: text.optional(),
  uses: z.string().default(""),
  secrets: z.unknown().optional(),
  env: map,
  "runs-on": z.unknown().optional(),
  "timeout-minutes": z.number().optional(),
  concurrency: z.unknown().optional(),
  container: z.unknown().optional(),
  services: z.unknown().optional(),
  steps: z.array(step).default([]),
});
type Job = z.infer<typeof job>;

const workflow = z.looseObject({
  on: z.unknown(),
  permissions,
  env: map,
  concurrency: z.unknown().optional(),
  jobs: z.record(z.string(), job),
});
type Workflow = z.infer<typeof workflow>;

/** What of a workflow breaks a rule; empty: nothing does. */
export function lintWorkflow(source: string): readonly LintFault[] {
  const read = workflow.parse(parse(source));
  return [
    ...lintTop(read, source),
    ...Object.entries(read.jobs).flatMap(([name, each]) => [
      ...lintJob(each, `jobs.${name}`),
      ...each.steps.flatMap((one, at) => lintStep(one, `jobs.${name}.steps[${String(at)}]`)),
    ]),
    ...lintCaches(read),
  ];
}

type Verdict = readonly [rule: LintRule, isBroken: boolean];

function faults(where: string, verdicts: readonly Verdict[]): readonly LintFault[] {
  return verdicts.filter(([, isBroken]) => isBroken).map(([rule]) => ({ rule, where }));
}

function lintTop(read: Workflow, source: string): readonly LintFault[] {
  const { on, permissions: powers, concurrency, env } = read;
  // In every job it holds as well, and runs whose jobs are all skipped hold nobody up.
  const isBounded =
    concurrency !== undefined ||
    Object.values(read.jobs).every((each) => each.concurrency !== undefined);
  const uses = source.split("\n").filter((line) => /^\s*(?:-\s+)?uses:/.test(line));
  return faults("workflow", [
    ["dangerous-triggers", triggersOf(on).some((name) => dangerous.has(name))],
    ["excessive-permissions", JSON.stringify(powers) !== "{}"],
    ["no-concurrency", triggersOf(on).includes("pull_request") && !isBounded],
    ["insecure-commands", allowsCommands(env)],
    ["overprovisioned-secrets", /toJSON\(\s*secrets\s*\)|secrets\[/i.test(source)],
    ["unredacted-secrets", /fromJSON\(\s*secrets\./i.test(source)],
    [
      "no-version-comment",
      uses.some((line) => !/uses:\s+\.\//.test(line) && !/ # v\d+\.\d+\.\d+$/.test(line)),
    ],
  ]);
}

const dangerous: ReadonlySet<string> = new Set(["pull_request_target", "workflow_run"]);

function triggersOf(on: unknown): readonly string[] {
  if (typeof on === "string") {
    return [on];
  }
  return Array.isArray(on)
    ? on.map(String)
    : Object.keys(z.record(z.string(), z.unknown()).parse(on));
}

function lintJob(each: Job, where: string): readonly LintFault[] {
  const { permissions: powers, container, services, secrets, env } = each;
  return faults(where, [
    ["excessive-permissions", typeof powers !== "object" || powers === null],
    ["secrets-inherit", secrets === "inherit"],
    ["no-timeout", each.uses === "" && each["timeout-minutes"] === undefined],
    ["self-hosted-runner", JSON.stringify(each["runs-on"] ?? "").includes("self-hosted")],
    ["hardcoded-container-credentials", hasPassword({ container, services })],
    ["insecure-commands", allowsCommands(env)],
    ["unpinned-uses", !isPinned(each.uses)],
    ["shared-powers", holdsModelKey(each) && mayWrite(powers)],
    ["identity-of-strangers", mayAskForIdentity(powers) && each.steps.some(runsDependencies)],
    ...conditionFaults(each.if),
  ]);
}

function lintStep(one: Step, where: string): readonly LintFault[] {
  const script = `${one.run}\n${one.shell}\n${String(one.with["script"] ?? "")}`;
  return faults(where, [
    ["template-injection", script.includes("${{")],
    ["github-env", /GITHUB_(?:ENV|PATH)\b/.test(script)],
    ["artipacked", leavesCredentials(one)],
    ["unpinned-uses", !isPinned(one.uses)],
    ["insecure-commands", allowsCommands(one.env)],
    ...conditionFaults(one.if),
  ]);
}

function conditionFaults(condition: z.infer<typeof text> | undefined): readonly Verdict[] {
  const written = String(condition ?? "");
  return [
    [
      "bot-conditions",
      /github\.(?:actor|triggering_actor)\b/.test(written) && /\[bot\]/.test(written),
    ],
    // An expression with anything around it is a text, and a text is true.
    ["unsound-condition", written.includes("${{") && !/^\$\{\{[^}]*\}\}$/.test(written)],
  ];
}

/** A local action is of the same commit; an image is pinned by its digest. */
function isPinned(uses: string): boolean {
  if (uses === "" || uses.startsWith("./")) {
    return true;
  }
  return uses.startsWith("docker://")
    ? /@sha256:[0-9a-f]{64}$/.test(uses)
    : /@[0-9a-f]{40}$/.test(uses);
}

function leavesCredentials({ uses, with: given }: Step): boolean {
  if (uses.startsWith("actions/checkout@")) {
    return given["persist-credentials"] !== false;
  }
  const isUpload = uses.startsWith("actions/upload-artifact@");
  return (
    isUpload &&
    /^\s*(?:\.\/?|\.git.*|\*\*|\$\{\{\s*github\.workspace\s*\}\})\s*$/m.test(
      String(given["path"] ?? ""),
    )
  );
}

function allowsCommands(env: Step["env"]): boolean {
  return Object.keys(env).includes("ACTIONS_ALLOW_UNSECURE_COMMANDS");
}

function hasPassword(part: unknown): boolean {
  return /"password":"(?!\$\{\{\s*secrets\.)/.test(JSON.stringify(part));
}

function holdsModelKey(each: Job): boolean {
  return /secrets\.(?:ANTHROPIC|OPENAI)_API_KEY/.test(JSON.stringify(each));
}

function mayAskForIdentity(powers: Job["permissions"]): boolean {
  return powers === "write-all" || (typeof powers === "object" && powers?.["id-token"] === "write");
}

/** True for what installs or runs anything but the tools of the runner itself; of a package that is published its own scripts are meant, too. */
function runsDependencies({ run }: Step): boolean {
  const isOther =
    /\b(?:npm (?:ci|i|install|test|t|run|exec|x|start)|npx|node|yarn|pnpm|bash|sh)\b/.test(run);
  return isOther || (/\bnpm publish\b/.test(run) && !run.includes("--ignore-scripts"));
}

function mayWrite(powers: Job["permissions"]): boolean {
  return typeof powers !== "object" || powers === null || Object.values(powers).includes("write");
}

/** What a release is made of must not come from a cache that any branch may fill, and strangers' code fills none. */
function lintCaches({ on, jobs }: Workflow): readonly LintFault[] {
  const isRelease = /"tags"|"release"|"registry_package"/.test(
    JSON.stringify(typeof on === "string" ? { [on]: null } : on),
  );
  const isStrangers = triggersOf(on).includes("pull_request");
  return Object.entries(jobs).flatMap(([name, { steps, permissions: powers }]) => {
    const publishes =
      isRelease ||
      (typeof powers === "object" && powers?.["id-token"] === "write") ||
      steps.some(({ run }) => /\bnpm publish\b/.test(run));
    return steps.flatMap((one, at) =>
      faults(`jobs.${name}.steps[${String(at)}]`, [
        ["cache-poisoning", (publishes && caches(one)) || (isStrangers && fills(one))],
      ]),
    );
  });
}

/** True for what is kept for later runs of whatever event. */
function fills({ uses, with: given }: Step): boolean {
  if (uses.startsWith("actions/cache")) {
    return !uses.startsWith("actions/cache/restore@");
  }
  const cache = String(given["cache"] ?? "");
  const isOfPushes = /^\$\{\{ github\.event_name == 'push' && '\w+' \|\| '' \}\}$/.test(cache);
  return uses.startsWith("actions/setup-") && cache !== "" && !isOfPushes;
}

function caches({ uses, with: given }: Step): boolean {
  if (uses.startsWith("actions/cache")) {
    return true;
  }
  return (
    uses.startsWith("actions/setup-") &&
    ("cache" in given || given["package-manager-cache"] !== false)
  );
}
