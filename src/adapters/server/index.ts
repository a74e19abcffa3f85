export { parseServerAddress } from "./address.ts";
export type { ServerAddress } from "./address.ts";
export { createServerClient } from "./client.ts";
export type { WholeAnswer } from "./answers.ts";
export type { Question, ServerClient } from "./client.ts";
export { serverErrors } from "./errors.ts";
export { followEvents } from "./event-stream.ts";
export type { StreamMessage } from "./stream-reader.ts";
export { createSend } from "./exchange.ts";
export {
  readServerRecord,
  removeServerRecord,
  serverRecordFile,
  writeServerRecord,
} from "./record.ts";
export type { ServerRecord } from "./record.ts";
