export { startBot } from "./app.ts";
export type { BotOptions, RunningBot } from "./app.ts";
export { appErrors } from "./app/errors.ts";
export { appManifest, appPermissions } from "./app/manifest.ts";
export { handlers } from "./handlers.ts";
