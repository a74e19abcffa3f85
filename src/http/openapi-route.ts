import { sendText } from "./answers.ts";
import type { CommandRunner } from "./command-runner.ts";
import { openApi } from "./openapi.ts";
import type { Visit } from "./visit.ts";

/** `GET api/v1/openapi.json`: what there is, for programs. */
export async function describeApi({ response, parts }: Visit): Promise<void> {
  const headers = { "content-type": "application/json" };
  sendText(response, 200, { text: parts.description(), headers });
  return Promise.resolve();
}

/** Makes the document of a server when it is first asked for, and keeps its text: making it takes more than most answers, and whoever may read may ask often. */
export function createDescription(version: string, commands: CommandRunner | null): () => string {
  let text: string | null = null;
  return () => {
    text ??= JSON.stringify(openApi(version, commands?.commands ?? []));
    return text;
  };
}
