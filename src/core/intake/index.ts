export type { Happening } from "./happening.ts";
export { createIntake } from "./intake.ts";
export type { Intake, IntakeDeps, Taken } from "./intake.ts";
