import { SkeinError } from "./core/base/errors.ts";
import { modelErrors } from "./core/models/index.ts";
import type { OpenOptions } from "./compose.ts";
import { fingerprintOf } from "./provider-trust.ts";
import type { ProviderBounds, ProviderTrust } from "./provider-trust.ts";
import type { ProviderSetting } from "./settings.ts";

export type { ProviderBounds } from "./provider-trust.ts";

/** The variable that names the keys, apart by commas. Default: the two of `ownKinds`. */
const keysVariable = "SKEIN_BOT_KEYS";

/** The variable that names the addresses, apart by commas. Default: none. */
const baseUrlsVariable = "SKEIN_BOT_BASE_URLS";

/** Whose keys the well-known variables hold: they go to no other provider's own address. */
const ownKinds: ReadonlyMap<string, ProviderSetting["kind"]> = new Map([
  ["ANTHROPIC_API_KEY", "anthropic"],
  ["OPENAI_API_KEY", "openai"],
]);

/**
 * Reads the two variables. What is written wrongly is told by its variable and place alone: it may be a key.
 *
 * @param onFault Makes the error of a variable that is written wrongly.
 */
export function boundsOf(
  env: OpenOptions["env"],
  onFault: (variable: string, message: string) => Error,
): ProviderBounds {
  const keys = listOf(env[keysVariable]);
  if (keys.some((name) => !/^[A-Za-z_]\w*$/u.test(name))) {
    throw onFault(keysVariable, `${keysVariable} holds names of variables, apart by commas.`);
  }
  const addresses = listOf(env[baseUrlsVariable]).map(plainAddress);
  const known = addresses.filter((address) => address !== null);
  if (known.length < addresses.length) {
    throw onFault(baseUrlsVariable, `${baseUrlsVariable} holds addresses, apart by commas.`);
  }
  return {
    keys: new Set(keys.length === 0 ? ownKinds.keys() : keys),
    baseUrls: new Set(known),
  };
}

function listOf(text: string | undefined): readonly string[] {
  return (text ?? "")
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
}

/** The same for all ways to write one address; null for what is none. */
function plainAddress(text: string): string | null {
  const url = URL.parse(text);
  return url !== null && /^https?:$/u.test(url.protocol) ? url.href.replace(/\/+$/u, "") : null;
}

interface Bounding {
  readonly bounds: ProviderBounds;
  readonly trust: Pick<ProviderTrust, "isAgreed">;
}

/**
 * Refuses the first look at what the operator has not allowed: nothing is read, run or sent for it.
 *
 * @throws {SkeinError} SKN-8757 naming providers, what is wrong with each, and its fingerprint; SKN-8972.
 */
export async function needBounds(
  providers: readonly ProviderSetting[],
  bounding: Bounding,
): Promise<void> {
  const refused: Refused[] = [];
  for (const provider of providers) {
    const reasons = await reasonsAgainst(provider, bounding);
    if (reasons.length > 0) {
      refused.push({ name: provider.name, fingerprint: fingerprintOf(provider), reasons });
    }
  }
  if (refused.length > 0) {
    const told = refused.map(({ name, reasons }) => `${name}: ${reasons.join(", and ")}`);
    throw new SkeinError(modelErrors.refusedInApp, {
      message: `The App does not use these providers of this repository's skein.yml: ${told.join("; ")}.`,
      facts: { providers: refused },
    });
  }
}

interface Refused {
  readonly name: string;
  readonly fingerprint: string;
  readonly reasons: readonly string[];
}

/** In words that repeat neither an address nor where a key is: both are the repository's. */
async function reasonsAgainst(
  provider: ProviderSetting,
  { bounds, trust }: Bounding,
): Promise<readonly string[]> {
  const { baseUrl } = provider;
  const isKnown =
    baseUrl === null ||
    bounds.baseUrls.has(plainAddress(baseUrl) ?? "") ||
    (await trust.isAgreed(provider));
  return [
    ...keyFault(provider, bounds),
    ...(isKnown ? [] : [`${baseUrlsVariable} does not name its \`base_url\``]),
  ];
}

function keyFault({ kind, baseUrl, apiKey }: ProviderSetting, { keys }: ProviderBounds): string[] {
  const variable = apiKey === null ? null : /^env:([A-Za-z_]\w*)$/u.exec(apiKey)?.[1];
  if (variable === null) {
    return [];
  }
  if (variable === undefined) {
    return ["its `api_key` is no variable, but a file, a program or Vault"];
  }
  if (!keys.has(variable)) {
    return [`${keysVariable} does not name the variable of its \`api_key\``];
  }
  const own = ownKinds.get(variable) ?? kind;
  return baseUrl === null && own !== kind ? [`its \`api_key\` is that of kind ${own}`] : [];
}
