import { defineErrors } from "../../core/base/errors.ts";

/** The bus's part of the error catalogue. */
export const busErrors = defineErrors({
  noClient: {
    code: "SKN-3181",
    kind: "config",
    title: "The package of the bus is not installed.",
    cause:
      "The bus `redis` needs the optional package `redis`, the bus `postgres` the package `pg`.",
    fix: "Install the named package beside Skein, or choose another `bus.kind`.",
  },
  misfit: {
    code: "SKN-3182",
    kind: "config",
    title: "This bus does not fit the store.",
    cause:
      "A watched file reaches the processes of one machine only, and NOTIFY only those of one PostgreSQL database.",
    fix: "Leave `bus.kind` out, or use `redis`, which fits both stores.",
  },
  noAddress: {
    code: "SKN-3183",
    kind: "config",
    title: "The bus has no usable address.",
    cause: "`bus.url` is missing, or its scheme is not one that this kind of bus understands.",
    fix: "Set `bus.url` to `redis://host:port` (or `rediss://`), or to a reference as `env:SKEIN_BUS_URL`.",
  },
});
