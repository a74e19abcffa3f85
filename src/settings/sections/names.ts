import { z } from "zod";

/** The name of a provider or a model in `skein.yml`. */
export const ownName = z
  .string()
  .regex(
    /^[A-Za-z0-9][\w.-]{0,63}$/u,
    "A name has up to 64 letters, digits, `-`, `_` and `.`, and begins with a letter or digit",
  );

/** A pattern of paths in the repository, as far as it can be told without its reader: it stays inside, and closes what it opens. */
export const pathPattern = z
  .string()
  .min(1)
  .max(1_024)
  .refine(
    (text) => !text.startsWith("/") && !text.split("/").includes("..") && isClosed(text),
    "A pattern is relative to the repository, without `..`, and closes what it opens, as `src/**` or `{a,b}/[ab].ts`",
  );

function isClosed(text: string): boolean {
  let depth = 0;
  for (const sign of text.replaceAll(/\[[^\]]*\]/gu, "")) {
    depth += sign === "{" ? 1 : sign === "}" ? -1 : 0;
    if (depth < 0 || sign === "[") {
      return false;
    }
  }
  return depth === 0;
}

/** An amount of money in USD, to the millionth. */
export const usd = z.number().min(0).max(1_000_000).multipleOf(0.000001);
