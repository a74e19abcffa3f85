import { createRedactor, secretsOfEnvironment } from "../../adapters/secrets/index.ts";
import type { Annotation, BotEnv, HandlerOutcome } from "../context.ts";

/** Takes secrets out of what is about to leave the job. @throws {SkeinError} When that cannot be done: then nothing leaves. */
export type Clean = (outcome: HandlerOutcome) => Promise<HandlerOutcome>;

const nowhere = { path: null, startLine: null, endLine: null };

/** Knows the job's own secrets, in whatever way they are written, and the shapes of others. */
export function createClean(env: BotEnv, secrets: readonly string[]): Clean {
  const known = [...secrets, ...secretsOfEnvironment(env)].filter((value) => value.length >= 8);
  const redactor = createRedactor({ known: () => known });
  const clean = async (text: string): Promise<string> =>
    text === "" ? "" : (await redactor.redact(text)).text;
  const cleanAnnotation = async (annotation: Annotation): Promise<Annotation> => ({
    ...annotation,
    title: await clean(annotation.title),
    message: await clean(annotation.message),
    // A name that holds a secret is nowhere: another one would be no file's.
    ...((await clean(annotation.path ?? "")) === (annotation.path ?? "") ? {} : nowhere),
  });
  return async (outcome) => ({
    ...outcome,
    title: await clean(outcome.title),
    summary: await clean(outcome.summary),
    annotations: await Promise.all(outcome.annotations.map(cleanAnnotation)),
  });
}
