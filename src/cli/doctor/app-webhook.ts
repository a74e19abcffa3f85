import { readAppWebhook } from "../../compose-github.ts";
import type { AppWebhook, HostProtection } from "../../compose-github.ts";
import { cleanLine } from "../../core/base/text.ts";
import { fine, trouble } from "./finding.ts";
import type { Finding, Patient } from "./finding.ts";
import { fixOf, hookEvents, hookPath, isWell } from "./webhooks.ts";

/** An App whose own webhook is to be looked at, and the webhooks of the repository, which may do its work. */
export interface AppLook {
  readonly patient: Patient;
  readonly signal: AbortSignal;
  readonly version: string;
  /** Null: nobody may see them here. */
  readonly hooks: HostProtection["hooks"];
}

const settings = "General, Webhook of the App's settings";

/** Looks at the webhook of the App whose key was given; nothing is asked without one. @throws {SkeinError} SKN-1654, SKN-x65x, SKN-397x. */
export async function examineApp({
  patient,
  hooks,
  ...call
}: AppLook): Promise<readonly Finding[]> {
  const { cwd, env, app } = patient;
  if (app === null) {
    return [];
  }
  const found = await readAppWebhook({ cwd, env, ...call, app });
  return found === null
    ? [unasked]
    : [...installationFindings(found), ...hookFindings(found, hooks ?? [])];
}

const unasked = trouble("note", "github-app-unknown", {
  what: "The App was not asked for: `origin` names no code host that this environment names as well.",
  why: "What proves to be the App goes to github.com, or to the host of `GH_HOST` or `GITHUB_API_URL`, and to no host that a checkout merely names.",
  fix: "Set GH_HOST to the host of the App, where it is an Enterprise Server.",
});

function installationFindings({ name, slug, isInstalled }: AppWebhook): readonly Finding[] {
  return isInstalled
    ? []
    : [
        trouble("warn", "github-app-absent", {
          what: `The App ${slug} is not installed in ${name}.`,
          why: "The code host tells it of nothing there, and gives it no token for it.",
          fix: "Install it: Install App in the App's settings, or ask who owns the repository.",
        }),
      ];
}

function hookFindings(
  found: AppWebhook,
  hooks: NonNullable<HostProtection["hooks"]>,
): readonly Finding[] {
  const { slug, name, hook } = found;
  const { address } = hook;
  if (address === null) {
    return hooks.some(({ isActive }) => isActive)
      ? [fine("github-app-webhook", `A webhook of ${name} tells the App ${slug}, which has none.`)]
      : [
          trouble("warn", "github-app-webhook-missing", {
            what: `The App ${slug} has no webhook.`,
            why: "`skein bot` hears of no event; its sweep finds what changed only each half hour.",
            fix: `Make it active with the address of \`skein bot\` and ${hookPath} behind it (${settings}).`,
          }),
        ];
  }
  const faults = [...formFaults(found), ...deliveryFaults(found)];
  return faults.length > 0
    ? faults
    : [fine("github-app-webhook", `The webhook of the App ${slug} leads to ${plain(address)}.`)];
}

/** Without what may be secret in an address. */
function plain(address: string): string {
  const url = URL.parse(address);
  return cleanLine(
    url === null ? address.replace(/[?#].*$/u, "") : `${url.host}${url.pathname}`,
    200,
  );
}

function formFaults({ slug, hook, events }: AppWebhook): readonly Finding[] {
  const { contentType, isVerified, hasSecret } = hook;
  const address = hook.address ?? "";
  const where = `The webhook of the App ${slug}`;
  const unheard = hookEvents.filter((event) => !events.includes(event));
  const judged = [
    {
      isWell: URL.parse(address)?.pathname.endsWith(hookPath) === true,
      id: "github-app-webhook-elsewhere",
      what: `${where} leads to ${plain(address)}.`,
      why: `\`skein bot\` takes webhooks at ${hookPath} and nowhere else.`,
      fix: `Put ${hookPath} behind the address of \`skein bot\` (${settings}).`,
    },
    {
      isWell: contentType === "json",
      id: "github-app-webhook-form",
      what: `${where} sends ${cleanLine(contentType, 40)}, and no JSON.`,
      why: "`skein bot` answers that with 415.",
      fix: `Choose application/json as its content type (${settings}).`,
    },
    {
      isWell: hasSecret,
      id: "github-app-webhook-unsigned",
      what: `${where} has no secret.`,
      why: "`skein bot` takes nothing that is not signed.",
      fix: `Give it the secret that \`skein bot --webhook-secret\` has (${settings}).`,
    },
    {
      isWell: isVerified,
      id: "github-app-webhook-open",
      what: `${where} does not verify the certificate.`,
      why: "Who stands between can read what it tells of private repositories.",
      fix: `Enable SSL verification (${settings}).`,
    },
    {
      isWell: unheard.length === 0,
      id: "github-app-webhook-deaf",
      what: `${where} does not tell of ${unheard.join(", ")}.`,
      why: "Skein answers those events late or never.",
      fix: "Subscribe to them: Permissions & events in the App's settings.",
    },
  ];
  return judged
    .filter((each) => !each.isWell)
    .map(({ id, what, why, fix }) => trouble("warn", id, { what, why, fix }));
}

function deliveryFaults({ slug, last }: AppWebhook): readonly Finding[] {
  if (last === null || isWell(last.statusCode)) {
    return [];
  }
  const said = last.statusCode === 0 ? "no answer" : String(last.statusCode);
  return [
    trouble("warn", "github-app-webhook-failing", {
      what: `The webhook of the App ${slug} fails: the last delivery (${cleanLine(last.event, 40)}) ended with ${said}.`,
      why: "GitHub does not deliver again by itself; a bot that runs asks for it within five minutes.",
      fix: fixOf(last.statusCode, "Advanced of the App's settings"),
    }),
  ];
}
