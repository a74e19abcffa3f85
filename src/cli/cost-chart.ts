import { exactUsd } from "../core/costs/index.ts";
import type { Totals } from "../core/costs/index.ts";
import { clip } from "./views.ts";

const barWidth = 24;
const nameWidth = 40;

/** Sums as a bar chart: the dearest bar fills its column, and whatever cost anything shows at least a sliver. */
export function chartLines(rows: readonly Totals[], unnamed: string): readonly string[] {
  const most = Math.max(1, ...rows.map(({ microUsd }) => microUsd));
  const total = Math.max(
    1,
    rows.reduce((sum, { microUsd }) => sum + microUsd, 0),
  );
  const names = rows.map(({ name }) => (name === "" ? unnamed : clip(name, nameWidth)));
  const amounts = rows.map(({ microUsd }) => exactUsd(microUsd));
  const nameColumn = widest(names);
  const amountColumn = widest(amounts);
  return rows.map(({ microUsd }, at) => {
    const share = `${String(Math.round((microUsd * 100) / total))} %`;
    return `${(names[at] ?? "").padEnd(nameColumn)}  ${bar(microUsd / most)}  ${(amounts[at] ?? "").padStart(amountColumn)}  ${share.padStart(5)}`;
  });
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(({ length }) => length));
}

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A bar of a share from 0 to 1, to an eighth of a character. */
function bar(share: number): string {
  const parts = share === 0 ? 0 : Math.max(1, Math.round(share * barWidth * 8));
  const text = "█".repeat(Math.floor(parts / 8)) + (eighths[parts % 8] ?? "");
  return text.padEnd(barWidth);
}
