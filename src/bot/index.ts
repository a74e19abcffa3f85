export type { BotOptions, RunningBot } from "./app.ts";
export { appErrors } from "./app/errors.ts";
export { handlers } from "./handlers.ts";
export { startBot } from "./start.ts";
