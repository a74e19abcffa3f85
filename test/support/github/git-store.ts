import { execFile, spawn } from "node:child_process";
import { tmpdir } from "node:os";

/** How git ended. */
export interface GitResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** The environment of git on the server: nobody's own configuration. */
export const serverGitEnv: Readonly<Record<string, string>> = {
  PATH: process.env["PATH"] ?? "",
  HOME: tmpdir(),
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "GitHub",
  GIT_AUTHOR_EMAIL: "noreply@github.example",
  GIT_COMMITTER_NAME: "GitHub",
  GIT_COMMITTER_EMAIL: "noreply@github.example",
  TZ: "UTC",
};

/** What a git command is given beside its arguments. */
export interface GitOptions {
  readonly input?: string | Buffer | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** Runs git on a bare repository; a failure is an answer. */
export function tryGit(
  gitDir: string,
  args: readonly string[],
  options: GitOptions = {},
): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", ["--git-dir", gitDir, ...args], {
      env: { ...serverGitEnv, ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({
        code: code ?? 1,
        stdout: Buffer.concat(out),
        stderr: Buffer.concat(err).toString("utf8"),
      });
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input);
  });
}

/**
 * Runs git and answers what it printed.
 *
 * @throws {Error} When git fails: then the fake itself is wrong.
 */
export async function git(
  gitDir: string,
  args: readonly string[],
  options: GitOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await tryGit(gitDir, args, options);
  if (code !== 0) {
    throw new Error(`git ${args.join(" ")} ended with ${String(code)}: ${stderr}`);
  }
  return stdout.toString("utf8").replace(/\n$/u, "");
}

/** The commit that a name means, null where there is none. */
export async function commitOf(gitDir: string, name: string): Promise<string | null> {
  if (name.startsWith("-") || name === "") {
    return null;
  }
  const { code, stdout } = await tryGit(gitDir, [
    "rev-parse",
    "--verify",
    "--quiet",
    "--end-of-options",
    `${name}^{commit}`,
  ]);
  return code === 0 ? stdout.toString("utf8").trim() : null;
}

/** The type of an object, null where it is missing. */
export async function typeOf(gitDir: string, sha: string): Promise<string | null> {
  if (!/^[\da-f]{4,64}$/u.test(sha)) {
    return null;
  }
  const { code, stdout } = await tryGit(gitDir, ["cat-file", "-t", sha]);
  return code === 0 ? stdout.toString("utf8").trim() : null;
}

/** Where two commits parted, null where they share nothing. */
export async function mergeBaseOf(gitDir: string, a: string, b: string): Promise<string | null> {
  const { code, stdout } = await tryGit(gitDir, ["merge-base", a, b]);
  return code === 0 ? stdout.toString("utf8").trim() : null;
}

/** References and what they point at, by prefix as `refs/heads/`. */
export async function refsBelow(
  gitDir: string,
  prefix: string,
): Promise<readonly { readonly name: string; readonly sha: string; readonly type: string }[]> {
  const text = await git(gitDir, [
    "for-each-ref",
    "--format=%(refname) %(objectname) %(objecttype)",
  ]);
  return text.split("\n").flatMap((line) => {
    const [name = "", sha = "", type = ""] = line.split(" ");
    return name !== "" && name.startsWith(prefix) ? [{ name, sha, type }] : [];
  });
}

/** A path that git may be asked to show. */
export async function showFile(
  gitDir: string,
  commit: string,
  path: string,
): Promise<Buffer | null> {
  const { code, stdout } = await tryGit(gitDir, ["cat-file", "blob", `${commit}:${path}`]);
  return code === 0 ? stdout : null;
}

/** Copies a local repository into a bare one. */
export function mirror(from: string, to: string): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(
      "git",
      ["clone", "--quiet", "--bare", "--template=", "--no-local", "--", from, to],
      { env: serverGitEnv },
      (error) => {
        if (error === null) {
          resolve();
        } else {
          reject(error);
        }
      },
    );
  });
}
