export { fail, say } from "./call.ts";
export type { Answer, ModelCall, ServedModel, ServedUsage, TextAnswer } from "./call.ts";
export { startModelServer } from "./server.ts";
export type { ModelServer, ModelServerOptions } from "./server.ts";
