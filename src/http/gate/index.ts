export type { Admission, Gate } from "./gate.ts";
export { createLoopbackGate } from "./loopback-gate.ts";
