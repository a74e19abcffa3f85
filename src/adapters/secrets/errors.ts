import { defineErrors } from "../../core/base/errors.ts";

/** The part of the error catalogue that speaks of secrets. No message of it ever holds a secret. */
export const secretErrors = defineErrors({
  badReference: {
    code: "SKN-2971",
    kind: "config",
    title: "This is no reference to a secret.",
    cause: "Secrets stand in no settings file; they are named by where they are kept.",
    fix: "Write env:NAME, file:/absolute/path, cmd:program argument or vault:mount/path#field.",
  },
  vaultAddress: {
    code: "SKN-2972",
    kind: "config",
    title: "The address of Vault is missing or not safe.",
    cause:
      "The token goes there: only over https, or within this machine, and to no other address.",
    fix: "Set VAULT_ADDR, as https://vault.example:8200.",
  },
  noVariable: {
    code: "SKN-3971",
    kind: "auth",
    title: "The environment variable of a secret is not set.",
    cause:
      "A reference env:NAME is read when the secret is needed, and neither NAME nor NAME_FILE is set.",
    fix: "Set the variable in the environment that Skein runs in, or NAME_FILE to the path of a file, or name another one where this one is named.",
  },
  noFile: {
    code: "SKN-3972",
    kind: "auth",
    title: "The file of a secret cannot be read.",
    cause:
      "It is not there, is empty, is larger than 64 KiB, is no plain file, or belongs to somebody else.",
    fix: "Write the secret into the file, readable by you alone, or name another one where this one is named.",
  },
  commandFailed: {
    code: "SKN-3973",
    kind: "auth",
    title: "The command of a secret gave none.",
    cause: "It could not be started, ended with an error, or wrote nothing, or too much.",
    fix: "Run the command by hand, without a shell's features, and mend what it says.",
  },
  vaultDenied: {
    code: "SKN-3974",
    kind: "auth",
    title: "Vault does not give the secret to this token.",
    cause: "There is no token, it has ended, or its policy does not let it read the path.",
    fix: "Renew the token, or allow `read` on mount/data/path in its policy.",
  },
  vaultMissing: {
    code: "SKN-5971",
    kind: "missing",
    title: "Vault has no such secret.",
    cause:
      "The path or the field is not there, its newest version was deleted, or the mount is no second version of the key-value engine.",
    fix: "Compare the reference with `vault kv get -mount=MOUNT PATH`.",
  },
  vaultUnavailable: {
    code: "SKN-7971",
    kind: "unavailable",
    title: "Vault cannot be asked.",
    cause: "It is not reached, sealed, or too busy.",
    fix: "Look at `vault status`, then repeat the command.",
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
  vaultTimeout: {
    code: "SKN-9972",
    kind: "timeout",
    title: "Vault did not answer in time.",
    cause: "It is busy, or something between here and there swallows the connection.",
    fix: "Look at `vault status`, then repeat the command.",
  },
});
