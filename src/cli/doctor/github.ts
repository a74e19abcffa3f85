import { readHostProtection } from "../../compose-github.ts";
import type { HostProtection } from "../../compose-github.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { readVersion } from "../version.ts";
import { fine, trouble } from "./finding.ts";
import type { Finding, Patient } from "./finding.ts";
import { hookPath, webhookFindings } from "./webhooks.ts";

/** How long the doctor waits for a code host, in milliseconds. */
const patienceMs = 8_000;

/** What a rule of the repository's own should ask for; a test holds it to the check's name. */
export const rulesCheckName = "skein/rules";

/** Looks at the token for the code host, at what protects the default branch there and at the webhooks to Skein; nothing is asked where the environment has no token for it. */
export async function examineGithub({ cwd, env }: Patient): Promise<readonly Finding[]> {
  try {
    const found = await readHostProtection({
      cwd,
      env,
      version: readVersion(),
      signal: AbortSignal.timeout(patienceMs),
      hookPath,
    });
    return found === null
      ? []
      : [...tokenFindings(found), ...branchFindings(found), ...webhookFindings(found)];
  } catch (error) {
    if (error instanceof SkeinError) {
      return [untold(error)];
    }
    throw error;
  }
}

function untold({ code, message, why, fix }: SkeinError): Finding {
  const what = `What the code host says of this repository is not known. ${code} ${message}`;
  return trouble("note", "github-unknown", { what, why, fix });
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
  if (check?.isPinned === false) {
    return [
      trouble("warn", "github-check-open", {
        what: `${defaultBranch} of ${name} requires ${rulesCheckName}, whoever reports it.`,
        why: "Whoever may write a workflow can report a check of that name.",
        fix: "In the ruleset choose Skein's App as the source of the check.",
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
