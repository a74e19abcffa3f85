export { messageErrors } from "./errors.ts";
export { audienceText, parseAudience } from "./message.ts";
export type { Audience, Message, Reach } from "./message.ts";
export { createMessages } from "./messages.ts";
export type { Messages, MessagesDeps } from "./messages.ts";
export { messageProbes } from "./probes.ts";
export type {
  DrainOptions,
  Listener,
  ListOptions,
  Recipient,
  Roster,
  SendRequest,
} from "./requests.ts";
export { messagesMigration } from "./tables.ts";
