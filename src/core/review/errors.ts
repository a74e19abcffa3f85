import { defineErrors } from "../base/errors.ts";

export const reviewErrors = defineErrors({
  badSeats: {
    code: "SKN-1871",
    kind: "usage",
    title: "The panel cannot have that many seats.",
    cause: "A panel has from 1 to 20 seats.",
    fix: "Set `review.seats` to a whole number from 1 to 20, or leave it out.",
  },
  unknownMember: {
    code: "SKN-1872",
    kind: "usage",
    title: "The panel names a model that is not declared.",
    cause: "A panel's members are names under `models` in `skein.yml`.",
    fix: "Declare the model, or name another one.",
  },
  noModels: {
    code: "SKN-2871",
    kind: "config",
    title: "No model is configured to review with.",
    cause: "A review asks models, and `skein.yml` declares none.",
    fix: "Declare `providers` and `models` in `skein.yml`; `skein models check` tells whether they answer.",
  },
});
