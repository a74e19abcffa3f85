import { defineErrors } from "../../core/base/errors.ts";

/** The bus's part of the error catalogue. */
export const busErrors = defineErrors({
  noClient: {
    code: "SKN-2181",
    kind: "config",
    title: "The package of the bus is not installed.",
    cause:
      "The bus `redis` needs the optional package `redis`, the bus `postgres` the package `pg`.",
    fix: "Install the named package beside Skein, or choose another `bus.kind`.",
  },
  noAddress: {
    code: "SKN-2182",
    kind: "config",
    title: "The bus has no usable address.",
    cause:
      "The variable that should hold it is not set, or its scheme is not one that this kind of bus understands.",
    fix: "Set SKEIN_BUS_URL to `redis://host:port` (or `rediss://`), or to a reference to it; for PostgreSQL to the server itself, not to a pooler.",
  },
});
