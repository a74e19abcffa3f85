import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { plants } from "../support/plants.ts";

const program = join(import.meta.dirname, "quick-proof.ts");
const planting = `--import ${join(import.meta.dirname, "../support/plant.ts")}`;

interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a short proof in a process of its own, with or without a bug in the sources. */
async function prove(proof: string, plant: string): Promise<Outcome> {
  const child = spawn(process.execPath, ["--no-warnings", program, proof], {
    env: {
      ...process.env,
      SKEIN_PLANT: plant,
      SKEIN_PLANT_OPTIONS: planting,
      NODE_OPTIONS: planting,
    },
  });
  const output: string[] = [];
  child.stdout.on("data", (chunk) => output.push(String(chunk)));
  child.stderr.on("data", (chunk) => output.push(String(chunk)));
  return new Promise((resolve) => {
    child.on("close", (code) => {
      resolve({ code, output: output.join("") });
    });
  });
}

test.concurrent.each(plants)("R30: finds that $name", async ({ name, proof }) => {
  expect(await prove(proof, name)).toMatchObject({ code: 1 });
});

test.concurrent.each(["clocks", "histories", "lock", "race"] as const)(
  "R30: the proof of %s finds nothing in the sources as they are",
  async (proof) => {
    expect(await prove(proof, "")).toEqual({ code: 0, output: "" });
  },
);
