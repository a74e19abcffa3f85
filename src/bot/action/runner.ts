import { SkeinError } from "../../core/base/errors.ts";
import { botErrors } from "../errors.ts";
import { isSafeAddress } from "./address.ts";

/** What a runner of GitHub Actions says of itself and of the run. */
export interface Runner {
  readonly eventName: string;
  readonly eventPath: string;
  /** `owner/name`. */
  readonly repository: string;
  /** 0 where the runner does not say. */
  readonly repositoryId: number;
  /** The commit that the event ran on; of a pull request it is the trial merge. */
  readonly sha: string;
  readonly runId: string;
  readonly runAttempt: string;
  /** Without a slash at the end; on an Enterprise Server its own. */
  readonly apiUrl: string;
  readonly serverUrl: string;
  /** The folder that `actions/checkout` fills; null where there is none. */
  readonly workspace: string | null;
  /** A folder that is emptied after the job. */
  readonly tempDir: string;
  /** Where the job's summary is written; null on a runner without one. */
  readonly summaryPath: string | null;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Reads the variables of the runner. @throws {SkeinError} SKN-2941 when one is missing or is not what a runner sets. */
export function readRunner(env: Env): Runner {
  const need = (name: string, shape: RegExp): string => {
    const value = env[name] ?? "";
    if (!shape.test(value)) {
      throw new SkeinError(botErrors.noRunner, {
        message: `${name} is ${value === "" ? "not set" : "not what a runner sets"}.`,
        facts: { variable: name },
      });
    }
    return value;
  };
  return {
    eventName: need("GITHUB_EVENT_NAME", /^[a-z_]{1,60}$/u),
    eventPath: need("GITHUB_EVENT_PATH", /^.{1,4096}$/u),
    repository: need("GITHUB_REPOSITORY", /^[\w.-]{1,100}\/[\w.-]{1,100}$/u),
    repositoryId: Number(/^\d{1,15}$/u.exec(env["GITHUB_REPOSITORY_ID"] ?? "")?.[0] ?? 0),
    sha: need("GITHUB_SHA", /^[0-9a-f]{40}$|^[0-9a-f]{64}$/u),
    runId: need("GITHUB_RUN_ID", /^\d{1,20}$/u),
    runAttempt: env["GITHUB_RUN_ATTEMPT"] ?? "1",
    apiUrl: addressOf(env["GITHUB_API_URL"] ?? "https://api.github.com", "GITHUB_API_URL"),
    serverUrl: addressOf(env["GITHUB_SERVER_URL"] ?? "https://github.com", "GITHUB_SERVER_URL"),
    workspace: textOrNull(env["GITHUB_WORKSPACE"]),
    tempDir: need("RUNNER_TEMP", /^.{1,4096}$/u),
    summaryPath: textOrNull(env["GITHUB_STEP_SUMMARY"]),
  };
}

/** The token goes to this address. */
function addressOf(text: string, name: string): string {
  if (!isSafeAddress(text)) {
    throw new SkeinError(botErrors.noRunner, {
      message: `${name} is no https address.`,
      facts: { variable: name },
    });
  }
  return text.replace(/\/+$/u, "");
}

function textOrNull(text: string | undefined): string | null {
  return text === undefined || text === "" ? null : text;
}
