export { openApi } from "./openapi.ts";
export type {
  CommandCall,
  CommandOutcome,
  CommandRequest,
  CommandRunner,
  CommandWords,
} from "./command-runner.ts";
export { createLoopbackGate } from "./gate/index.ts";
export type { Admission, Gate } from "./gate/index.ts";
export { serve } from "./serve.ts";
export type { ListeningFacts, ServeOptions } from "./serve.ts";
export { startHttpServer } from "./server.ts";
export type { HttpServer, HttpServerOptions } from "./server.ts";
export { logFormats } from "./log/server-log.ts";
export type { LogFormat } from "./log/server-log.ts";
