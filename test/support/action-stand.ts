import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import type { Github } from "./github/server.ts";
import { plainEnv } from "./coordinated-repository.ts";

const run = promisify(execFile);

/** The repository that all of it is about. */
export const shop = "acme/shop";

/** The rights that docs/github.md gives to the one job of a private repository. */
export const jobRights = {
  contents: "read",
  issues: "write",
  pull_requests: "write",
  checks: "write",
} as const;

/** How one step of a job ended. */
export interface StepEnd {
  readonly code: number;
  readonly log: string;
  readonly summary: string;
  readonly outputs: Readonly<Record<string, string>>;
}

export interface StepRequest {
  readonly github: Github;
  readonly event: string;
  readonly payload: object;
  readonly inputs?: Readonly<Record<string, string>> | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Default: a shallow clone of the default branch. Null: the job has no checkout. */
  readonly workspace?: string | null | undefined;
  /** Default: the rights of `jobRights`. */
  readonly token?: string | undefined;
  /** Where the API is. Default: the fake's own address. */
  readonly apiUrl?: string | undefined;
}

/** Runs the built Action as a runner does: one process, one event file, the inputs in its environment. */
export async function runStep(request: StepRequest): Promise<StepEnd> {
  const { github, event, payload, inputs = {}, env = {} } = request;
  const token = request.token ?? github.jobToken(shop, jobRights);
  const place = mkdtempSync(join(tmpdir(), "skein-step-"));
  const files = { event: "event.json", summary: "summary.md", output: "output.txt" };
  for (const name of Object.values(files)) {
    writeFileSync(join(place, name), name === files.event ? JSON.stringify(payload) : "");
  }
  const workspace =
    request.workspace === undefined ? await checkOut(github) : (request.workspace ?? place);
  const variables = {
    ...plainEnv,
    ...env,
    ...inputsOf({ "github-token": token, ...inputs }),
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_EVENT_NAME: event,
    GITHUB_EVENT_PATH: join(place, files.event),
    GITHUB_STEP_SUMMARY: join(place, files.summary),
    GITHUB_OUTPUT: join(place, files.output),
    GITHUB_REPOSITORY: shop,
    GITHUB_REPOSITORY_ID: String(github.repository(shop).id),
    GITHUB_SHA: "a".repeat(40),
    GITHUB_RUN_ID: "1",
    GITHUB_RUN_ATTEMPT: "1",
    GITHUB_API_URL: request.apiUrl ?? github.url,
    GITHUB_SERVER_URL: github.webUrl,
    GITHUB_WORKSPACE: workspace,
    RUNNER_TEMP: place,
  };
  const ended = await new Promise<{ readonly code: number; readonly log: string }>((resolve) => {
    const args = [join(bareBundle(), "index.mjs")];
    execFile(process.execPath, args, { cwd: workspace, env: variables }, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ code, log: `${out}\n${err}` });
    });
  });
  return {
    ...ended,
    summary: readFileSync(join(place, files.summary), "utf8"),
    outputs: readOutputs(readFileSync(join(place, files.output), "utf8")),
  };
}

let bare: string | null = null;

/** The committed bundle in a folder that has nothing else of the repository: no package, no manifest, no sources. */
function bareBundle(): string {
  if (bare === null) {
    const folder = mkdtempSync(join(tmpdir(), "skein-bundle-"));
    cpSync(join(import.meta.dirname, "../../dist/action"), folder, { recursive: true });
    process.once("exit", () => {
      rmSync(folder, { recursive: true, force: true });
    });
    bare = folder;
  }
  return bare;
}

/** A checkout as `actions/checkout` makes it: shallow, of the default branch, without credentials left in it. */
export async function checkOut(github: Github): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "skein-checkout-"));
  const token = github.jobToken(shop, { contents: "read" });
  const env = { ...plainEnv, GIT_CONFIG_NOSYSTEM: "1" };
  const quietly = ["clone", "-q", "--depth", "1"];
  await run("git", [...quietly, github.gitUrlOf(shop, token), folder], { env });
  await run("git", ["-C", folder, "remote", "set-url", "origin", github.gitUrlOf(shop)], { env });
  return folder;
}

function inputsOf(inputs: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
  );
}

/** The runner's file of outputs: `name<<delimiter`, lines, `delimiter`. */
function readOutputs(text: string): Readonly<Record<string, string>> {
  const pattern = /^([\w-]+)<<(\S+)\n([\s\S]*?)\n?\2$/gmu;
  return Object.fromEntries([...text.matchAll(pattern)].map(([, name, , value]) => [name, value]));
}

/** What GitHub sends with an event: its frame, and the issue or pull request as its API shows it. */
export async function payloadOf(
  github: Github,
  sender: string,
  parts: { readonly action: string; readonly issue?: number; readonly pull?: number } & Readonly<
    Record<string, unknown>
  >,
): Promise<Readonly<Record<string, unknown>>> {
  const { issue, pull, ...rest } = parts;
  const repository = await ask(github, `/repos/${shop}`);
  return {
    ...rest,
    repository,
    sender: await ask(github, `/users/${sender}`),
    ...(issue === undefined ? {} : { issue: await ask(github, `/repos/${shop}/issues/${issue}`) }),
    ...(pull === undefined
      ? {}
      : { pull_request: await ask(github, `/repos/${shop}/pulls/${pull}`) }),
  };
}

async function ask(github: Github, path: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${github.userToken("grace")}` };
  const answer = await fetch(`${github.url}${path}`, { headers });
  return answer.json();
}

/** A folder for what jobs hand to each other. */
export function handoverFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "skein-handover-"));
  mkdirSync(folder, { recursive: true });
  return folder;
}
