import { readHostProtection } from "../../compose-github.ts";
import type { HostProtection } from "../../compose-github.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { readVersion } from "../version.ts";
import { examineApp } from "./app-webhook.ts";
import { fine, trouble } from "./finding.ts";
import type { Finding, Patient } from "./finding.ts";
import { hookPath, webhookFindings } from "./webhooks.ts";

/** How long the doctor waits for a code host, in milliseconds. */
const patienceMs = 8_000;

/** What a rule of the repository's own should ask for; a test holds it to the check's name. */
export const rulesCheckName = "skein/rules";

/**
 * Looks at the token for the code host, at what protects the default branch there and at the webhooks to Skein, the App's own too where its key was
 * given; nothing is asked where the environment has no token for it.
 */
export async function examineGithub(patient: Patient): Promise<readonly Finding[]> {
  const { cwd, env, app } = patient;
  const call = { cwd, env, version: readVersion(), signal: AbortSignal.timeout(patienceMs) };
  const found = await unlessUntold("github-unknown", async () =>
    readHostProtection({ ...call, hookPath }),
  );
  const hooks = found.said?.hooks ?? null;
  const ofApp = await unlessUntold("github-app-unknown", async () =>
    examineApp({ patient, ...call, hooks }),
  );
  return [
    ...found.findings,
    ...(found.said === null ? [] : protectionFindings(found.said, app !== null)),
    ...ofApp.findings,
    ...(ofApp.said ?? []),
  ];
}

function protectionFindings(found: HostProtection, isAppAsked: boolean): readonly Finding[] {
  const check = rulesCheckName;
  return [
    ...tokenFindings(found),
    ...branchFindings(found),
    ...webhookFindings(found, { check, isAppAsked }),
  ];
}

interface Said<T> {
  /** Null: it is not known. */
  readonly said: T | null;
  readonly findings: readonly Finding[];
}

/** What the code host does not say is told, and hides nothing else. */
async function unlessUntold<T>(id: string, look: () => Promise<T>): Promise<Said<T>> {
  try {
    return { said: await look(), findings: [] };
  } catch (error) {
    if (error instanceof SkeinError) {
      return { said: null, findings: [untold(id, error)] };
    }
    throw error;
  }
}

function untold(id: string, { code, message, why, fix }: SkeinError): Finding {
  const what = `What the code host says of this ${id === "github-unknown" ? "repository" : "App"} is not known. ${code} ${message}`;
  return trouble("note", id, { what, why, fix });
}

function tokenFindings({ name, rights }: HostProtection): readonly Finding[] {
  if (rights === null) {
    return [fine("github", `The token may see ${name}.`)];
  }
  if (!rights.mayPush) {
    return [
      trouble("warn", "github-token", {
        what: `The token of the environment may not write to ${name}.`,
        why: "`skein github sync` makes issues and comments with it.",
        fix: "Give a token with issues and pull requests: write; docs/github.md has the list.",
      }),
    ];
  }
  return rights.mayAdminister
    ? [
        trouble("note", "github-token-broad", {
          what: `The token of the environment may change the settings and rules of ${name}.`,
          why: "Whatever runs with this environment, agents among it, could lift the rules that hold it.",
          fix: "Use a fine-grained token without administration where agents work.",
        }),
      ]
    : [fine("github", `The token may write to ${name}, and not administer it.`)];
}

function branchFindings(found: HostProtection): readonly Finding[] {
  const { name, defaultBranch, isProtected, requiredChecks } = found;
  if (!isProtected) {
    return [
      trouble("warn", "github-branch-open", {
        what: `Nothing on the code host protects ${defaultBranch} of ${name}.`,
        why: "The git hooks hold agents of clones in which Skein is set up, and nobody else.",
        fix: `Make a ruleset for ${defaultBranch}: a pull request before merging, and the check ${rulesCheckName} where Skein runs there.`,
      }),
    ];
  }
  const check = requiredChecks.find((each) => each.name === rulesCheckName);
  if (check?.appId === null) {
    return [
      trouble("warn", "github-check-open", {
        what: `${defaultBranch} of ${name} requires ${rulesCheckName}, whoever reports it.`,
        why: "Whoever may write a workflow can report a check of that name.",
        fix: "In the ruleset choose Skein's App as the source of the check.",
      }),
    ];
  }
  if (check !== undefined && found.exemptApps.some((id) => id === check.appId)) {
    return [
      trouble("warn", "github-app-exempt", {
        what: `Skein's App may pass the rules of ${defaultBranch} of ${name} by.`,
        why: "Who takes over the App's key could move the branch past every rule, its own check among them.",
        fix: "Take the App off the ruleset's bypass list: it needs no exemption.",
      }),
    ];
  }
  return [
    fine(
      "github-branch",
      `${defaultBranch} of ${name} is protected${check === undefined ? "" : `, and requires ${rulesCheckName}`}.`,
    ),
  ];
}
