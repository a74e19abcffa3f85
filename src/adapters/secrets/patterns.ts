import { isAssignedSecret, isLoginSecret } from "./likely.ts";
import type { Span } from "./spans.ts";

/** Keys that are known by how they begin: the kind, the beginning, and what follows it. Both are sources of regular expressions. */
const prefixed: readonly (readonly [kind: string, prefix: string, rest: string])[] = [
  [
    "aws-access-key",
    "(?:AKIA|ASIA|ABIA|ACCA|AGPA|AIDA|AIPA|ANPA|ANVA|AROA)",
    "[A-Z0-9]{16}(?![A-Za-z0-9])",
  ],
  ["github-token", "gh[pousr]_", String.raw`[A-Za-z0-9_]{20,255}(?:\.[\w-]{10,1000}){0,2}`],
  ["github-token", "github_pat_", "[A-Za-z0-9_]{22,255}"],
  [
    "gitlab-token",
    "gl(?:pat|dt|rt|soat|ptt|ft|imt|agent|oas|cbt|ffct)-",
    String.raw`[\w-]{20,300}(?:\.[\w-]{2,40}){0,2}`,
  ],
  ["slack-token", "xox[abeoprs]-", "[A-Za-z0-9-]{10,250}"],
  ["slack-token", "xapp-", "[A-Za-z0-9-]{10,250}"],
  ["slack-webhook", String.raw`hooks\.slack\.com/(?:services|workflows)/`, "[A-Za-z0-9/]{20,100}"],
  [
    "discord-webhook",
    String.raw`discord(?:app)?\.com/api/webhooks/`,
    String.raw`\d{15,22}/[\w-]{30,100}`,
  ],
  ["stripe-key", "[sr]k_(?:live|test)_", "[A-Za-z0-9]{16,250}"],
  ["webhook-secret", "whsec_", "[A-Za-z0-9+/=]{20,100}"],
  ["anthropic-key", "sk-ant-", String.raw`[\w-]{20,200}`],
  ["openai-key", "sk-(?:proj|svcacct|admin|None|or-v1)-", String.raw`[\w-]{20,250}`],
  ["openai-key", "sk-", "(?=[A-Za-z]{0,60}[0-9])[A-Za-z0-9]{32,100}"],
  ["groq-key", "gsk_", "[A-Za-z0-9]{20,100}"],
  ["xai-key", "xai-", "[A-Za-z0-9]{20,120}"],
  ["perplexity-key", "pplx-", "[A-Za-z0-9]{32,80}"],
  ["replicate-token", "r8_", "[A-Za-z0-9]{30,60}"],
  ["hugging-face-token", "hf_", "[A-Za-z0-9]{30,60}"],
  ["npm-token", "npm_", "[A-Za-z0-9]{30,60}"],
  ["pypi-token", "pypi-", String.raw`[\w-]{40,300}`],
  ["rubygems-key", "rubygems_", "[a-f0-9]{48}"],
  ["google-key", "AIza", String.raw`[\w-]{35}(?![\w-])`],
  ["google-oauth", "GOCSPX-", String.raw`[\w-]{20,60}`],
  ["google-oauth", String.raw`ya29\.`, String.raw`[\w-]{20,500}`],
  ["sendgrid-key", String.raw`SG\.`, String.raw`[\w-]{16,64}\.[\w-]{16,64}`],
  ["mailgun-key", "key-", "[a-f0-9]{32}(?![A-Za-z0-9])"],
  ["twilio-key", "(?:SK|AC)", "[a-f0-9]{32}(?![A-Za-z0-9])"],
  ["azure-storage-key", "AccountKey=", "[A-Za-z0-9+/]{60,100}={0,2}"],
  ["digitalocean-token", "do[opr]_v1_", "[a-f0-9]{64}"],
  ["shopify-token", "shp(?:at|ca|pa|ss)_", "[A-Za-z0-9]{32,64}"],
  ["linear-key", "lin_(?:api|oauth)_", "[A-Za-z0-9_]{30,128}"],
  ["notion-token", "(?:ntn|secret)_", "(?=[A-Za-z]{0,60}[0-9])[A-Za-z0-9]{40,60}"],
  ["databricks-token", "dapi", "[A-Fa-f0-9]{32}(?:-[0-9])?(?![A-Za-z0-9])"],
  ["docker-token", "dckr_(?:pat|oat)_", String.raw`[\w-]{20,80}`],
  ["figma-token", "fig[dou]_", String.raw`[\w-]{30,200}`],
  [
    "skein-token",
    "skein_",
    String.raw`[A-Za-z0-9.~-]{1,300}_t\d{1,15}_[0-9a-z]{52}(?![0-9A-Za-z])`,
  ],
  ["vault-token", String.raw`hv[sbr]\.`, String.raw`[\w-]{20,300}`],
  ["cloudflare-token", "cf(?:k|ut|at)_", "[A-Za-z0-9]{40,80}"],
  ["tailscale-key", "tskey-", String.raw`[\w-]{16,120}`],
  ["vercel-token", "vc[piark]_?[A-Za-z0-9]?", "[A-Za-z0-9]{24,80}"],
  ["grafana-token", "gl(?:sa|c)_", "[A-Za-z0-9_+/]{32,400}={0,2}"],
  ["1password-token", "ops_ey", "[A-Za-z0-9+/=]{60,1500}"],
  ["age-key", "AGE-SECRET-KEY-1", "[A-Z0-9]{50,70}"],
  ["square-token", "sq0(?:atp|csp|idp)-", String.raw`[\w-]{20,60}`],
  ["newrelic-key", "NRAK-", "[A-Z0-9]{27}"],
  ["sentry-token", "sntry[su]_", "[A-Za-z0-9+/=_]{30,300}"],
  ["postman-key", "PMAK-", "[a-f0-9-]{40,80}"],
  ["doppler-token", String.raw`dp\.(?:pt|st|ct|sa|scim|audit)\.`, String.raw`[\w.-]{20,80}`],
  ["planetscale-token", "pscale_(?:tkn|pw|oauth)_", String.raw`[\w.-]{30,80}`],
  ["supabase-token", "sb[p]_", "[a-f0-9]{40}"],
  ["heroku-key", "HRKU-", String.raw`[\w-]{36,80}`],
  ["crates-token", "cio", "(?=[A-Za-z]{0,40}[0-9])[A-Za-z0-9]{32}(?![A-Za-z0-9])"],
  ["pulumi-token", "pul-", "[a-f0-9]{40}(?![A-Za-z0-9])"],
  ["atlassian-token", "AT[AC]TT3", String.raw`[\w-]{50,400}(?:=[A-F0-9]{8})?`],
  ["langsmith-key", "lsv2_(?:pt|sk)_", "[a-f0-9]{32}_[a-f0-9]{10}"],
  ["fly-token", "fm[12]_", "[A-Za-z0-9+/=_-]{40,1500}"],
];

/** How keys begin; sources of regular expressions, for a first look at a line. */
export const secretPrefixes: readonly string[] = [...prefixed.map(([, prefix]) => prefix), "eyJ"];

interface Pattern {
  readonly kind: string;
  readonly pattern: RegExp;
  /** Looks at what matched once more. */
  readonly isSecret?: (text: string) => boolean;
}

const words =
  "(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|signing[_-]?key|credential)s?";

/** Secrets that are known by what stands before them. Each pattern stays within a line. */
const placed: readonly Pattern[] = [
  {
    kind: "aws-secret-key",
    pattern:
      /(?<=(?:secret|aws)[\w .-]{0,40}["']?[ \t]{0,3}[:=][ \t]{0,3}["']?)[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/=])/giu,
    isSecret: isAssignedSecret,
  },
  { kind: "telegram-token", pattern: /(?<!\d)\d{8,10}:AA[\w-]{32,34}(?![\w-])/gu },
  {
    kind: "discord-token",
    pattern: /(?<![\w-])[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,45}(?![\w-])/gu,
  },
  { kind: "mailchimp-key", pattern: /(?<![a-z0-9])[a-f0-9]{32}-us\d{1,2}(?!\d)/gu },
  { kind: "terraform-token", pattern: /(?<!\w)[A-Za-z0-9]{14}\.atlasv1\.[\w-]{40,80}/gu },
  { kind: "npm-token", pattern: /(?<=_auth(?:Token)?[ \t]{0,3}=[ \t]{0,3}["']?)[^\s"'$]{8,300}/gu },
  {
    kind: "docker-login",
    pattern: /(?<="auth"[ \t]{0,3}:[ \t]{0,3}")[A-Za-z0-9+/]{12,300}={0,2}(?=")/gu,
  },
  {
    kind: "signed-address",
    pattern: /(?<=[?&](?:sig|X-Amz-Signature|X-Goog-Signature)=)[A-Za-z0-9%+/=]{32,600}/gu,
  },
  {
    kind: "address-password",
    pattern:
      /(?<=[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/'"`<>{}$]{0,100}:)[^\s@/'"`<>{}$]{3,200}(?=@[\w[])/gu,
    isSecret: isLoginSecret,
  },
  {
    kind: "authorization",
    pattern:
      /(?<=authorization["'`]?[ \t]{0,3}[:=,][ \t]{0,3}["'`]?(?:bearer|basic|token)[ \t]{1,3})[\w+/.=~-]{12,2000}/giu,
    isSecret: isAssignedSecret,
  },
  {
    kind: "assigned-secret",
    pattern: new RegExp(
      String.raw`(?<=${words}[\w-]{0,20}["'\x60]?[ \t]{0,3}(?::=|=>|:|=)[ \t]{0,3}["'\x60])[^\s"'\x60]{8,300}(?=["'\x60])`,
      "giu",
    ),
    isSecret: isAssignedSecret,
  },
  {
    kind: "assigned-secret",
    pattern:
      /(?<=^[-+ ]?[ \t]*(?:export[ \t]+)?[A-Z0-9_]{0,60}(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|ACCESS_KEY|PRIVATE_KEY)[A-Z0-9_]{0,20}[ \t]?[:=][ \t]?)[^\s"'`$]{8,300}(?=\s|$)/gmu,
    isSecret: isAssignedSecret,
  },
];

const begun: readonly Pattern[] = prefixed.map(([kind, prefix, rest]) => ({
  kind,
  pattern: new RegExp(`(?<![A-Za-z0-9])${prefix}${rest}`, "gu"),
}));

/** Secrets in the formats of their providers, and such as stand where secrets stand. */
export function patternSpans(text: string): readonly Span[] {
  return [...webTokenSpans(text), ...listedSpans(text, [...begun, ...placed])];
}

const anyPrefix = new RegExp(prefixed.map(([, prefix]) => prefix).join("|"), "u");

/** Those alone that are known by how they begin. */
export function prefixedSpans(text: string): readonly Span[] {
  return anyPrefix.test(text) ? listedSpans(text, begun) : [];
}

/** What follows the first part of a JSON Web Token. */
const behindHead = /\.eyJ[\w-]{10,4000}\.[\w-]{10,1000}/gu;
const longestHead = 2_003;
const shortestHead = 13;

/** They are looked for from their middle on: from each of many beginnings in a row, thousands of characters would be read in vain. */
function webTokenSpans(text: string): readonly Span[] {
  return Array.from(text.matchAll(behindHead)).flatMap((match) => {
    let from = match.index;
    while (from > match.index - longestHead && /[\w-]/u.test(text.charAt(from - 1))) {
      from -= 1;
    }
    const at = text.slice(from, match.index).search(/(?<![A-Za-z0-9])eyJ/u);
    const start = from + at;
    return at === -1 || match.index - start < shortestHead
      ? []
      : [{ start, end: match.index + match[0].length, kind: "json-web-token" }];
  });
}

function listedSpans(text: string, patterns: readonly Pattern[]): readonly Span[] {
  return patterns.flatMap(({ kind, pattern, isSecret }) =>
    Array.from(text.matchAll(pattern))
      .filter(([secret]) => isSecret?.(secret) ?? true)
      .map((match) => ({ start: match.index, end: match.index + match[0].length, kind })),
  );
}
