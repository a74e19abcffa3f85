import { writeFileSync } from "node:fs";
import { workerData } from "node:worker_threads";
import { tokenIn } from "../../src/http/token-file.ts";

interface Race {
  readonly dir: string;
  readonly rounds: number;
  readonly racers: number;
  readonly gate: Int32Array;
  /** Where to tell the tokens, in JSON. */
  readonly out: string;
}

/** Run as a thread of its own: makes the token of each round at the same time as the other racers. */
const { dir, rounds, racers, gate, out }: Race = workerData;
const tokens: string[] = [];
for (let round = 0; round < rounds; round += 1) {
  Atomics.add(gate, round, 1);
  while (Atomics.load(gate, round) < racers) {
    // The others are about to be here.
  }
  tokens.push(tokenIn(`${dir}/token-${String(round)}`));
}
writeFileSync(out, JSON.stringify(tokens));
