/** What a proof runs: how often, from which seed. Each count stands in `docs/testing.md`. */
export interface ProofRun {
  /** The row of the table in `docs/testing.md`, as `R1`. */
  readonly row: string;
  readonly count: number;
  readonly seed: number;
}

/**
 * Reads how often a proof runs: `SKEIN_PROOF_<ROW>` for one row alone, else `SKEIN_PROOF_SCALE` times the usual count. `SKEIN_PROOF_SEED` is
 * where its cases begin.
 */
export function proofRun(row: string, usual: number, usualSeed = 1): ProofRun {
  const given = process.env[`SKEIN_PROOF_${row}`];
  const scale = Number(process.env["SKEIN_PROOF_SCALE"] ?? 1);
  const count = given === undefined ? Math.max(1, Math.round(usual * scale)) : Number(given);
  return { row, count, seed: Number(process.env["SKEIN_PROOF_SEED"] ?? usualSeed) };
}

/** The command that runs one failed case again. */
export function replayLine(row: string, seed: number, file: string): string {
  return `SKEIN_PROOF_${row}=1 SKEIN_PROOF_SEED=${String(seed)} npx vitest run ${file}`;
}
