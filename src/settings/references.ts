import { rulesMisfits } from "./rules-misfit.ts";
import type { SettingsFile } from "./schema.ts";
import { secretForms } from "./sections/secret-reference.ts";

/** A value that does not fit the rest of the file. */
export interface Misfit {
  readonly path: readonly PropertyKey[];
  /** A sentence that says what is allowed. */
  readonly message: string;
}

/** Finds every name that nothing has, and every value that others rule out. @param written The file as it stands, with what is wrong in itself. */
export function findMisfits(
  settings: SettingsFile,
  written: Readonly<Record<string, unknown>>,
): readonly Misfit[] {
  const { integration, providers = {}, models = {}, review, planner, chains } = settings;
  const name = named(written["checks"], "checks");
  const ofProvider = named(written["providers"], "providers");
  const ofModel = named(written["models"], "models");
  const all: readonly (Misfit | null)[] = [
    ...list(integration?.checks).map(([at, one]) => name(["integration", "checks", at], one)),
    ...Object.entries(providers).map(([one, provider]) => providerMisfit(one, provider)),
    ...Object.entries(models).map(([one, { provider }]) =>
      ofProvider(["models", one, "provider"], provider),
    ),
    ...list(review?.panel).map(([at, one]) => ofModel(["review", "panel", at], one)),
    planner === undefined ? null : ofModel(["planner", "model"], planner.model),
    ...list(chains?.review).map(([at, one]) => ofProvider(["chains", "review", at], one)),
    ...list(chains?.plan).map(([at, one]) => ofProvider(["chains", "plan", at], one)),
    seatsMisfit(review),
    ...rulesMisfits({
      ...settings,
      isBranchesRead: written["branches"] === undefined || settings.branches !== undefined,
    }),
  ];
  return all.filter((misfit) => misfit !== null);
}

function list(names: readonly string[] | undefined): readonly (readonly [number, string])[] {
  return [...(names ?? []).entries()];
}

type Check = (path: Misfit["path"], name: string) => Misfit | null;

function named(section: unknown, title: string): Check {
  const known = typeof section === "object" && section !== null ? Object.keys(section) : [];
  return (path, name) => {
    if (known.includes(name)) {
      return null;
    }
    const has = known.length === 0 ? "It is empty" : `It has ${known.slice(0, 20).join(", ")}`;
    const place = path.filter((part) => typeof part === "string").join(".");
    return {
      path,
      message: `\`${place}\` names \`${name}\`, which \`${title}\` does not have. ${has}.`,
    };
  };
}

type WrittenProvider = NonNullable<SettingsFile["providers"]>[string];

function providerMisfit(name: string, { kind, base_url, api_key }: WrittenProvider): Misfit | null {
  const path = ["providers", name];
  if (kind === "openai-compatible" && base_url === undefined) {
    const message = `\`providers.${name}\` needs a \`base_url\`: its kind has no address of its own.`;
    return { path, message };
  }
  if (kind !== "openai-compatible" && api_key === undefined) {
    const message = `\`providers.${name}\` needs an \`api_key\`: ${secretForms}.`;
    return { path, message };
  }
  return null;
}

function seatsMisfit(review: SettingsFile["review"]): Misfit | null {
  const { seats, panel } = review ?? {};
  if (seats === undefined || panel === undefined || seats === panel.length) {
    return null;
  }
  const message = `\`review.seats\` is ${String(seats)}, but \`review.panel\` names ${String(panel.length)}. Leave one of them out.`;
  return { path: ["review", "seats"], message };
}
