/** `node --import ./test/support/plant.ts quick-proof.ts KIND`: a short run of one proof; ends with 1 when it finds something. */
import { jumpClocks } from "../support/clock-jumps.ts";
import { aTask } from "../support/coordination.ts";
import { liveHistory } from "../support/histories/history.ts";
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

async function histories(disturb?: typeof jumpClocks): Promise<void> {
  for (let seed = 1; seed <= seeds; seed += 1) {
    await liveHistory({ seed, disturb });
  }
}

try {
  const kind = process.argv[2];
  await (kind === "race" ? race() : histories(kind === "clocks" ? jumpClocks : undefined));
} catch (error) {
  console.log(error instanceof Error ? error.message.split("\n")[0] : error);
  process.exitCode = 1;
}
