import { defineErrors } from "../base/errors.ts";

/** The part of the error catalogue that speaks of moving and checking the whole state. */
export const upkeepErrors = defineErrors({
  importSyntax: {
    code: "SKN-1821",
    kind: "usage",
    title: "The export cannot be read.",
    cause: "The text is not JSON: the file was cut off or edited.",
    fix: "Export again, or take another copy of the file.",
  },
  importShape: {
    code: "SKN-1822",
    kind: "usage",
    title: "The export has a wrong or missing part.",
    cause: "The file was edited, or it is no export of Skein.",
    fix: "Export again, or mend the named place.",
  },
  importVersion: {
    code: "SKN-1823",
    kind: "usage",
    title: "The export has another format.",
    cause: "It was written by a version of Skein with another schema.",
    fix: "Import it with the version that wrote it, or upgrade Skein.",
  },
  importChain: {
    code: "SKN-1824",
    kind: "usage",
    title: "The events of the export do not hold together.",
    cause: "An event was changed, removed or added after it was written: its hash does not follow.",
    fix: "Take an unchanged copy of the export.",
  },
  importDiffers: {
    code: "SKN-1825",
    kind: "usage",
    title: "The export contradicts itself.",
    cause: "Its lists and its tables say different things: one of them was edited.",
    fix: "Export again; to change the state, use the commands of Skein after the import.",
  },
  notEmpty: {
    code: "SKN-4821",
    kind: "conflict",
    title: "The project is not empty.",
    cause: "An import restores a whole state and merges with nothing.",
    fix: "Import into a fresh clone, or into a new project of a database (`--db`, `--project NAME`); or move the store's folder away first.",
  },
});
