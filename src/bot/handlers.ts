import type { HandlerTable } from "./dispatch.ts";

/** The handlers of this version, each loaded with the first event that calls for it. */
export const handlers: HandlerTable = {};
