import { z } from "zod";

import { secretForms } from "./secret-reference.ts";

/** The section `server`: a proposal to whoever clones the repository. */
export const server = z
  .strictObject({
    url: z
      .url({
        protocol: /^https?$/u,
        error: "An address begins with `https://`, or with `http://` on this machine",
      })
      .max(1_000)
      .describe("Where the project answers, as https://skein.example.com/p/shop."),
    token: z
      .string()
      .regex(/^(?:env|file|cmd|vault):\S[^\n\r\0]*$/u, `A token is ${secretForms}`)
      .optional()
      .describe("Where each person's token is, as env:SKEIN_TOKEN; never the token itself."),
  })
  .describe("The server that coordinates this repository; `skein init` asks before it counts.");
