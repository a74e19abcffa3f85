/** `node --import ./test/support/plant.ts quick-proof.ts KIND`: a short run of one proof; ends with 1 when it finds something. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { jumpClocks } from "../support/clock-jumps.ts";
import { aTask } from "../support/coordination.ts";
import { liveHistory } from "../support/histories/history.ts";
import { canBeginToWrite, openNoteStore } from "../support/note-store.ts";
import type { Plant } from "../support/plants.ts";
import { makeTemporaryDirectory } from "../support/stores.ts";
import { openField } from "./agents.ts";

/** More seeds than the rarest bug needs; see `docs/testing.md`. */
const seeds = 60;

async function race(): Promise<void> {
  const tasks = 120;
  const field = await openField(
    Array.from({ length: tasks }, (_, index) => aTask(`T${String(index)}`)),
  );
  try {
    const agents = await Promise.all(
      Array.from({ length: 6 }, async (_, index) => field.start(`agent-${String(index)}`)),
    );
    const answers = await Promise.all(agents.map(async (agent) => agent.ask({ op: "work" })));
    const fault = answers.find((answer) => answer?.ok === undefined);
    const claims = agents.flatMap(({ acks }) => acks.filter(({ ack }) => ack === "claimed"));
    const { violations } = await field.inspect();
    if (fault !== undefined || claims.length !== tasks || violations.length > 0) {
      throw new Error(fault?.text ?? violations[0] ?? `${String(claims.length)} claims`);
    }
  } finally {
    await field.clear();
  }
}

/** A write that has only read so far keeps every other writer out. */
async function lock(): Promise<void> {
  const directory = makeTemporaryDirectory();
  const file = join(directory, "skein.db");
  const store = await openNoteStore({ file });
  try {
    await store.write(async (tx) => {
      await tx.all("SELECT id FROM notes WHERE project = ?", [tx.project]);
      if (canBeginToWrite(file)) {
        throw new Error("another process may write between what a write reads and what it writes");
      }
    });
  } finally {
    await store.close();
    rmSync(directory, { recursive: true });
  }
}

async function histories(disturb?: typeof jumpClocks): Promise<void> {
  for (let seed = 1; seed <= seeds; seed += 1) {
    await liveHistory({ seed, disturb });
  }
}

const proofs: Readonly<Record<Plant["proof"], () => Promise<void>>> = {
  clocks: () => histories(jumpClocks),
  histories,
  lock,
  race,
};

try {
  const chosen = Object.entries(proofs).find(([name]) => name === process.argv[2]);
  if (chosen === undefined) {
    throw new RangeError(`There is no proof ${process.argv[2] ?? ""}.`);
  }
  await chosen[1]();
} catch (error) {
  console.log(error instanceof Error ? error.message.split("\n")[0] : error);
  process.exitCode = 1;
}
