import { SkeinError } from "../base/errors.ts";
import type { SqlValue, Transaction } from "../store/index.ts";
import type { UpkeepDeps } from "./deps.ts";
import { upkeepErrors } from "./errors.ts";
import { firstDifference, listNames, shapeFault } from "./parsing.ts";
import type { ParsedExport, ParsedTable } from "./parsing.ts";
import { readExport } from "./snapshot.ts";
import { insertRow, selectOne } from "./table-images.ts";
import type { TableImage } from "./table-images.ts";

/** Writes an export into an empty project and tells how many rows it had; whatever does not fit throws, and so undoes all. */
export async function restore(
  deps: UpkeepDeps,
  tx: Transaction,
  { tables, lists }: ParsedExport,
): Promise<number> {
  await checkEmpty(
    tx,
    tables.map(({ image }) => image),
  );
  for (const table of tables) {
    await insertRows(tx, table);
  }
  await checkChain(deps, tx);
  await checkLists(deps, tx, { tables, lists });
  return tables.reduce((sum, { rows }) => sum + rows.length, 0);
}

async function checkEmpty(tx: Transaction, images: readonly TableImage[]): Promise<void> {
  for (const image of images) {
    if ((await tx.get(selectOne(image), [tx.project])) !== null) {
      throw new SkeinError(upkeepErrors.notEmpty, { facts: { table: image.name } });
    }
  }
}

async function insertRows(tx: Transaction, { image, rows }: ParsedTable): Promise<void> {
  const sql = insertRow(image);
  const seen = new Set<string>();
  for (const [index, row] of rows.entries()) {
    const key = JSON.stringify(
      image.columns.map(({ name }, at) => (image.key.includes(name) ? row[at] : 0)),
    );
    if (seen.has(key)) {
      throw shapeFault(
        `tables.${image.name}[${String(index)}]`,
        "A row with the same key came before.",
      );
    }
    seen.add(key);
    await insertOne(tx, sql, { row, place: `tables.${image.name}[${String(index)}]` });
  }
}

interface PlacedRow {
  readonly row: readonly SqlValue[];
  readonly place: string;
}

/** The database keeps rules of its own, as that two living sessions cannot have one external id. */
async function insertOne(tx: Transaction, sql: string, { row, place }: PlacedRow): Promise<void> {
  try {
    await tx.run(sql, [tx.project, ...row]);
  } catch (error) {
    if (error instanceof SkeinError && error.kind === "unavailable") {
      throw error;
    }
    throw shapeFault(place, "The row does not fit those before it.");
  }
}

async function checkChain({ events }: UpkeepDeps, tx: Transaction): Promise<void> {
  const { faults } = await events.check(tx);
  const [fault] = faults;
  if (fault !== undefined) {
    throw new SkeinError(upkeepErrors.importChain, {
      message: `Event ${String(fault.seq)} of the export: ${fault.detail}.`,
      facts: { seq: fault.seq, fault: fault.fault },
    });
  }
}

/** What was restored must read as the export reads: so nothing that its lists show was left out or made up. */
async function checkLists(
  deps: UpkeepDeps,
  tx: Transaction,
  { tables, lists }: ParsedExport,
): Promise<void> {
  const restored = await readBack(deps, tx, tables);
  for (const name of listNames) {
    const place = firstDifference(lists[name], restored[name], name);
    if (place !== null) {
      throw new SkeinError(upkeepErrors.importDiffers, {
        message: `${place}: the list and the tables of the export say different things.`,
        facts: { place },
      });
    }
  }
}

/** A row may have the right types and still hold a text that nothing can be read from. */
async function readBack(
  deps: UpkeepDeps,
  tx: Transaction,
  tables: ParsedExport["tables"],
): Promise<Readonly<Record<string, unknown>>> {
  const images = tables.map(({ image }) => image);
  try {
    return { ...(await readExport(deps, tx, images)) };
  } catch (error) {
    if (error instanceof SkeinError && error.kind === "unavailable") {
      throw error;
    }
    throw new SkeinError(upkeepErrors.importDiffers, {
      message: "A row of the export holds a text that cannot be read back.",
      facts: { place: "tables" },
      cause: error,
    });
  }
}
