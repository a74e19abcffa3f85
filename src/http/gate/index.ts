export type { Principal } from "../../core/access/index.ts";
export type { Admission, Gate } from "./gate.ts";
export { createLoopbackGate } from "./loopback-gate.ts";
export { openGate, refuseOpenBind } from "./open-gate.ts";
export { metadataPath } from "./resource.ts";
