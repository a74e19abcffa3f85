import { sendJson } from "./answers.ts";
import { openApi } from "./openapi.ts";
import type { Visit } from "./visit.ts";

/** `GET api/v1/openapi.json`: what there is, for programs. */
export async function describeApi({ response, parts }: Visit): Promise<void> {
  sendJson(response, 200, { value: openApi(parts.version, parts.commands?.commands ?? []) });
  return Promise.resolve();
}
