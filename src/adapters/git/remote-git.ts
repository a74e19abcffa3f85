import { createGit } from "./git.ts";
import type { Git, GitRun } from "./git.ts";

export interface RemoteGitDeps {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How long all its commands together may take, in milliseconds. */
  readonly totalMs: number;
}

/** What reaches a remote beside what every git command may see: ways to log in and proxies. None of them asks anybody. */
const remoteNames = [
  "SSH_AUTH_SOCK",
  "GIT_SSH",
  "GIT_SSH_COMMAND",
  "GIT_SSH_VARIANT",
  "GIT_SSL_CAINFO",
  "GIT_SSL_CAPATH",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "all_proxy",
  "no_proxy",
  "GH_TOKEN",
  "GITHUB_TOKEN",
  "GH_CONFIG_DIR",
  "XDG_RUNTIME_DIR",
  "DBUS_SESSION_BUS_ADDRESS",
];

/** A git that may talk to remotes as its user does, asks for no password, and ends in time. */
export function createRemoteGit({ cwd, env, totalMs }: RemoteGitDeps): Git {
  const endMs = performance.now() + totalMs;
  const remoteEnv: Record<string, string> = { SSH_ASKPASS_REQUIRE: "force" };
  for (const name of remoteNames) {
    const value = env[name];
    if (value !== undefined) {
      remoteEnv[name] = value;
    }
  }
  const run: Git["run"] = async (args, options = {}) => {
    const timeoutMs = Math.max(1, Math.ceil(endMs - performance.now()));
    return createGit({ cwd, env, timeoutMs }).run(args, withEnv(options, remoteEnv));
  };
  return {
    cwd,
    run,
    text: async (args, options) => (await run(args, options)).stdout.replace(/\n$/u, ""),
  };
}

function withEnv(options: GitRun, env: Readonly<Record<string, string>>): GitRun {
  return { ...options, env: { ...env, ...options.env } };
}
