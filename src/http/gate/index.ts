export type { Admission, Gate } from "./gate.ts";
export { createLoopbackGate } from "./loopback-gate.ts";
export type { Principal, Role } from "./principal.ts";
