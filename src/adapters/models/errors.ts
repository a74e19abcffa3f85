import { defineErrors } from "../../core/base/errors.ts";

/** The part of the error catalogue that speaks of what keeps the answers of models. */
export const cassetteErrors = defineErrors({
  notKept: {
    code: "SKN-7981",
    kind: "unavailable",
    title: "An answer of a model could not be kept.",
    cause:
      "The cassette's file or its folder may not be written, is a symbolic link, or the disk is full.",
    fix: "Make the file writable, name another one, or go on without a cassette.",
  },
});
