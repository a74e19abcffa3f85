import { z } from "zod";

/** The name of a provider or a model in `skein.yml`. */
export const ownName = z
  .string()
  .regex(
    /^[A-Za-z0-9][\w.-]{0,63}$/u,
    "A name has up to 64 letters, digits, `-`, `_` and `.`, and begins with a letter or digit",
  );

/** An amount of money in USD, to the millionth. */
export const usd = z.number().min(0).max(1_000_000).multipleOf(0.000001);
