/** Skein as a library: open a repository's project, and everything that its parts are named by. */
export * from "./core/index.ts";
export { openProject } from "./compose.ts";
export type { OpenOptions, OpenProject } from "./compose.ts";
