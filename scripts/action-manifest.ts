import { stringify } from "yaml";
import { actionInputs, actionOutputs } from "../src/bot/action/input-table.ts";

/** `action.yml`, written from the table that the Action reads its inputs by. */
export function actionManifest(): string {
  const inputs = Object.entries(actionInputs).map(([name, { description, fallback }]) => [
    name,
    { description, required: false, ...(fallback === "" ? {} : { default: fallback }) },
  ]);
  const outputs = Object.entries(actionOutputs).map(([name, description]) => [
    name,
    { description },
  ]);
  const manifest = {
    name: "Skein",
    description:
      "Plans issues, reviews pull requests with a panel that votes, and keeps the rules of a repository's branches.",
    author: "The Skein authors",
    branding: { icon: "git-merge", color: "purple" },
    inputs: Object.fromEntries(inputs),
    outputs: Object.fromEntries(outputs),
    runs: { using: "node24", main: "dist/action/index.mjs" },
  };
  return `# Written by \`npm run schema\` from src/bot/action/input-table.ts.\n${stringify(manifest, { lineWidth: 0, defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" })}`;
}
