import { defineErrors } from "../../core/base/errors.ts";

/** The part of the error catalogue that speaks of secrets. No message of it ever holds a secret. */
export const secretErrors = defineErrors({
  badReference: {
    code: "SKN-2971",
    kind: "config",
    title: "This is no reference to a secret.",
    cause: "Secrets stand in no settings file; they are named by where they are kept.",
    fix: "Write env:NAME, file:/absolute/path or cmd:program argument.",
  },
  noVariable: {
    code: "SKN-3971",
    kind: "auth",
    title: "The environment variable of a secret is not set.",
    cause:
      "A reference env:NAME is read when the secret is needed, and the variable is missing or empty.",
    fix: "Set the variable in the environment that Skein runs in, or name another one in skein.yml.",
  },
  noFile: {
    code: "SKN-3972",
    kind: "auth",
    title: "The file of a secret cannot be read.",
    cause:
      "It is not there, is empty, is larger than 64 KiB, is no plain file, or belongs to somebody else.",
    fix: "Write the secret into the file, readable by you alone, or name another one in skein.yml.",
  },
  commandFailed: {
    code: "SKN-3973",
    kind: "auth",
    title: "The command of a secret gave none.",
    cause: "It could not be started, ended with an error, or wrote nothing.",
    fix: "Run the command by hand, without a shell's features, and mend what it says.",
  },
  openFile: {
    code: "SKN-8971",
    kind: "unsafe",
    title: "Everybody on this machine can read the file of a secret.",
    cause: "Its permissions let others read it.",
    fix: "Run chmod 600 on the file.",
  },
  openTrust: {
    code: "SKN-8972",
    kind: "unsafe",
    title: "The list of trusted providers could have been written by somebody else.",
    cause: "It is a link, belongs to another user, or others may write it.",
    fix: "Look at it, then delete it or run chmod 600 on it.",
  },
  commandTimeout: {
    code: "SKN-9971",
    kind: "timeout",
    title: "The command of a secret did not end within 10 seconds and was stopped.",
    cause: "It waits for something, such as a password that nobody can type.",
    fix: "Unlock the store of secrets first, or use a command that asks nothing.",
  },
});
