import { defineErrors } from "../../core/base/errors.ts";

/** The part of the error catalogue that speaks of what keeps the answers of models. */
export const cassetteErrors = defineErrors({
  exists: {
    code: "SKN-4981",
    kind: "conflict",
    title: "A recording needs a new file.",
    cause: "There is a file of that name, and what it holds would mix with the new answers.",
    fix: "Name a file that does not exist yet, or delete the old one.",
  },
  noRecording: {
    code: "SKN-5981",
    kind: "missing",
    title: "The file holds no recorded run.",
    cause: "There is no such file, or something else wrote it: a recording begins with its seed.",
    fix: "Name a file that `skein review --record` wrote.",
  },
  notRecorded: {
    code: "SKN-5982",
    kind: "missing",
    title: "A recording has no answer to a prompt of this run.",
    cause:
      "The change, the models or the settings are others than those of the recording, or a call failed while it was recorded.",
    fix: "Replay it on the same change with the same settings, or record it again with `skein review --record`.",
  },
  notKept: {
    code: "SKN-7981",
    kind: "unavailable",
    title: "An answer of a model could not be kept.",
    cause:
      "The cassette's file may not be written or is a symbolic link, its folder is not there or may not be written, or the disk is full.",
    fix: "Make the file writable, name another one, or go on without a cassette.",
  },
});
