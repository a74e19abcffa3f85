import type { Octokit } from "@octokit/core";
import { isLooseObject } from "../../core/base/loose-object.ts";
import type { AnswerCache, KeptAnswer } from "./answers.ts";

/**
 * Makes the plugin that asks "has it changed?" where an answer is kept: the host does not count an answer that has not. It stands
 * innermost, so that no other plugin takes "not changed" for a failure.
 */
export function conditionalRequests(answers: AnswerCache): (octokit: Octokit) => object {
  return (octokit) => {
    octokit.hook.wrap("request", async (request, options) => {
      const { method, url, headers } = octokit.request.endpoint(options);
      if (method !== "GET") {
        return request(options);
      }
      const key = `${headers.accept} ${url}`;
      const kept = await answers.get(key);
      if (kept !== null) {
        // Hooks further inside see this object and no other that is handed on.
        options.headers["if-none-match"] = kept.etag;
      }
      try {
        const response = await request(options);
        await keep(answers, key, { headers: response.headers, data: response.data });
        return response;
      } catch (error) {
        if (kept === null || !isNotModified(error)) {
          throw error;
        }
        return asIfSent(kept, url);
      }
    });
    return {};
  };
}

interface Answered {
  readonly headers: { readonly etag?: string | undefined; readonly link?: string | undefined };
  readonly data: unknown;
}

/** As text: who reads pages changes what was read. */
async function keep(answers: AnswerCache, key: string, answered: Answered): Promise<void> {
  const { etag, link } = answered.headers;
  const body = etag === undefined ? null : textOf(answered.data);
  if (etag !== undefined && body !== null) {
    await answers.put(key, { etag, link: link ?? null, body });
  }
}

/** Null for what JSON does not hold, as numbers of any length. */
function textOf(data: unknown): string | null {
  try {
    return typeof data === "object" ? JSON.stringify(data) : null;
  } catch {
    return null;
  }
}

function isNotModified(error: unknown): boolean {
  return isLooseObject(error) && error["status"] === 304;
}

function asIfSent({ body, link, etag }: KeptAnswer, url: string) {
  const data: unknown = JSON.parse(body);
  return { status: 200 as const, url, data, headers: { etag, ...(link === null ? {} : { link }) } };
}
