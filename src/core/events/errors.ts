import { defineErrors } from "../base/errors.ts";

export const eventErrors = defineErrors({
  archived: {
    code: "SKN-5201",
    kind: "missing",
    title: "These events were archived.",
    cause: "Maintenance moved events older than the retention time out of the live log.",
    fix: "Ask for a later event, or read the archive that `skein maintain` wrote.",
  },
});
