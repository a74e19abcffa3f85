import { gunzipSync } from "node:zlib";
import { commitOf } from "./git-store.ts";
import { isObject, listIn, objectIn, parseJson, textIn } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { needs } from "./needs.ts";
import {
  callerOf,
  countedPage,
  inRepository,
  invalid,
  notFound,
  numberParam,
  ok,
  page,
  refuse,
} from "./replies.ts";
import type { Reply, RepositoryCall, Route } from "./replies.ts";
import type { App, CheckRun, CheckSuite, CommitStatus } from "./state.ts";
import { repositoryUrl, minimalRepositoryView } from "./views-base.ts";
import {
  annotationView,
  checkRunView,
  checkSuiteView,
  combinedState,
  simpleStatusView,
  statusView,
} from "./views-checks.ts";

/** How many bytes a text of a check may have, and how much an unpacked SARIF file. */
const textLimit = 65_535;
const sarifLimit = 10 * 1024 * 1024;

export const checkRoutes: readonly Route[] = [
  inRepository("POST /check-runs", needs.writeChecks, createRun),
  inRepository("GET /check-runs/{check_run_id}", needs.readChecks, (call) =>
    shown(call, runOf(call)),
  ),
  inRepository("PATCH /check-runs/{check_run_id}", needs.writeChecks, updateRun),
  inRepository("GET /check-runs/{check_run_id}/annotations", needs.readChecks, (call) => {
    const run = runOf(call);
    return page(call, run.annotations, (annotation) =>
      annotationView(call.hub, call.repository, { run, annotation }),
    );
  }),
  inRepository("POST /check-runs/{check_run_id}/rerequest", needs.writeChecks, (call) => {
    const run = ownRun(call);
    keepRun(call, { ...run, status: "queued", conclusion: null, completedAt: null });
    return ok({}, 201);
  }),
  inRepository("GET /check-suites/{check_suite_id}", needs.readChecks, async (call) =>
    ok(await checkSuiteView(call.hub, call.repository, suiteOf(call))),
  ),
  inRepository("GET /check-suites/{check_suite_id}/check-runs", needs.readChecks, (call) => {
    const { id } = suiteOf(call);
    return runPage(call, (run) => run.suiteId === id);
  }),
  inRepository("GET /commits/{ref}/check-runs", needs.readChecks, async (call) => {
    const sha = await commitIn(call);
    return runPage(call, (run) => run.headSha === sha);
  }),
  inRepository("GET /commits/{ref}/check-suites", needs.readChecks, async (call) => {
    const sha = await commitIn(call);
    const app = call.query.get("app_id");
    const found = [...call.repository.suites.values()].filter(
      (suite) => suite.headSha === sha && (app === null || String(suite.app.id) === app),
    );
    const items = await Promise.all(
      found.map((suite) => checkSuiteView(call.hub, call.repository, suite)),
    );
    return countedPage(call, "check_suites", { items });
  }),
  ...statusRoutes(),
  ...sarifRoutes(),
];

async function createRun(call: RepositoryCall): Promise<Reply> {
  const { app } = callerOf(call);
  if (app === null) {
    throw refuse(403, "You must authenticate via a GitHub App.");
  }
  const headSha = textIn(call.body, "head_sha") ?? "";
  const isThere =
    /^[\da-f]{40}$/u.test(headSha) && (await commitOf(call.repository.gitDir, headSha)) !== null;
  if (!isThere) {
    // The description lists no 422 here; GitHub answers one all the same.
    throw refuse(422, `No commit found for SHA: ${headSha}`);
  }
  const suite = suiteFor(call, headSha, app);
  const run: CheckRun = {
    id: call.hub.nextId(),
    suiteId: suite.id,
    name: "",
    headSha,
    app,
    status: "queued",
    conclusion: null,
    externalId: null,
    detailsUrl: null,
    startedAt: null,
    completedAt: null,
    title: null,
    summary: null,
    text: null,
    annotations: [],
    actions: [],
  };
  return shown(call, keepRun(call, changed(call, run)), 201);
}

function updateRun(call: RepositoryCall): Reply {
  return shown(call, keepRun(call, changed(call, ownRun(call))));
}

/** A check run belongs to the app that made it. */
function ownRun(call: RepositoryCall): CheckRun {
  const run = runOf(call);
  if (callerOf(call).app?.id !== run.app.id) {
    throw refuse(
      403,
      "Invalid app_id `" +
        String(callerOf(call).app?.id ?? "") +
        "` - check run can only be modified by the GitHub App that created it.",
    );
  }
  return run;
}

function changed(call: RepositoryCall, run: CheckRun): CheckRun {
  const { body, hub } = call;
  const output = objectIn(body, "output");
  const conclusion = textIn(body, "conclusion");
  const asked = textIn(body, "status");
  const status = conclusion === null ? (asked ?? run.status) : "completed";
  if (status === "completed" && conclusion === null && run.conclusion === null) {
    throw refuse(422, "Invalid request.\n\nconclusion is required when status is completed.");
  }
  if (conclusion === "stale") {
    throw refuse(422, "Invalid request.\n\nonly GitHub can set stale.");
  }
  const now = new Date(hub.nowMs()).toISOString().replace(/\.\d+Z$/u, "Z");
  const isDone = status === "completed";
  return {
    ...run,
    name: textIn(body, "name") ?? run.name,
    status,
    conclusion: isDone ? (conclusion ?? run.conclusion) : null,
    externalId: textIn(body, "external_id") ?? run.externalId,
    detailsUrl: textIn(body, "details_url") ?? run.detailsUrl,
    startedAt: textIn(body, "started_at") ?? run.startedAt ?? (status === "queued" ? null : now),
    completedAt: isDone ? (textIn(body, "completed_at") ?? run.completedAt ?? now) : null,
    actions: "actions" in body ? listIn(body, "actions") : run.actions,
    ...(output === null ? {} : outputOf(run, output)),
  };
}

/** Texts replace what was there; annotations are added to it. */
function outputOf(run: CheckRun, output: JsonObject): Partial<CheckRun> {
  for (const field of ["summary", "text"]) {
    if (Buffer.byteLength(textIn(output, field) ?? "") > textLimit) {
      throw refuse(
        422,
        `Invalid request.\n\nOnly ${String(textLimit)} characters are allowed; ${field} has more.`,
      );
    }
  }
  const annotations = listIn(output, "annotations").filter(isObject);
  for (const annotation of annotations) {
    const [start, end] = [annotation["start_line"], annotation["end_line"]];
    const hasColumns = "start_column" in annotation || "end_column" in annotation;
    if (typeof start === "number" && typeof end === "number" && (end < start || start < 1)) {
      throw refuse(422, "Invalid request.\n\nend_line must not come before start_line.");
    }
    if (hasColumns && start !== end) {
      throw refuse(422, "Invalid request.\n\ncolumns are only allowed on one line.");
    }
  }
  return {
    title: textIn(output, "title") ?? run.title,
    summary: textIn(output, "summary") ?? run.summary,
    text: textIn(output, "text") ?? run.text,
    annotations: [...run.annotations, ...annotations],
  };
}

function suiteFor(call: RepositoryCall, headSha: string, app: App): CheckSuite {
  const { suites } = call.repository;
  const known = [...suites.values()].find(
    (suite) => suite.headSha === headSha && suite.app.id === app.id,
  );
  const suite = known ?? { id: call.hub.nextId(), headSha, app, createdAtMs: call.hub.nowMs() };
  suites.set(suite.id, suite);
  return suite;
}

function runPage(call: RepositoryCall, isMeant: (run: CheckRun) => boolean): Reply {
  const { query, repository, hub } = call;
  const [name, status, app] = ["check_name", "status", "app_id"].map((key) => query.get(key));
  const found = [...repository.runs.values()].filter(
    (run) =>
      isMeant(run) &&
      (name === null || run.name === name) &&
      (status === null || run.status === status) &&
      (app === null || String(run.app.id) === app),
  );
  const latest = new Map(found.map((run) => [`${String(run.app.id)} ${run.name}`, run]));
  const kept = query.get("filter") === "all" ? found : [...latest.values()];
  const items = kept.toReversed().map((run) => checkRunView(hub, repository, run));
  return countedPage(call, "check_runs", { items });
}

function shown(call: RepositoryCall, run: CheckRun, status = 200): Reply {
  return ok(checkRunView(call.hub, call.repository, run), status);
}

function keepRun(call: RepositoryCall, run: CheckRun): CheckRun {
  call.repository.runs.set(run.id, run);
  return run;
}

function runOf(call: RepositoryCall): CheckRun {
  const run = call.repository.runs.get(numberParam(call, "check_run_id"));
  if (run === undefined) {
    throw notFound();
  }
  return run;
}

function suiteOf(call: RepositoryCall): CheckSuite {
  const suite = call.repository.suites.get(numberParam(call, "check_suite_id"));
  if (suite === undefined) {
    throw notFound();
  }
  return suite;
}

async function commitIn(call: RepositoryCall): Promise<string> {
  const name = call.params["ref"] ?? "";
  const sha = await commitOf(call.repository.gitDir, name);
  if (sha === null) {
    // The description lists no 422 here; GitHub answers one all the same.
    throw refuse(422, `No commit found for SHA: ${name}`);
  }
  return sha;
}

/** The statuses of a commit, latest first. */
function statusesOf(call: RepositoryCall, sha: string): readonly CommitStatus[] {
  return [...call.repository.statuses.values()].filter((status) => status.sha === sha).toReversed();
}

function statusRoutes(): readonly Route[] {
  return [
    inRepository("POST /statuses/{sha}", needs.writeStatuses, async (call) => {
      const sha = call.params["sha"] ?? "";
      if ((await commitOf(call.repository.gitDir, sha)) !== sha) {
        throw refuse(422, `No commit found for SHA: ${sha}`);
      }
      const description = textIn(call.body, "description");
      if ((description ?? "").length > 140) {
        throw invalid(
          "Status",
          "description",
          "description is too long (maximum is 140 characters)",
        );
      }
      const status: CommitStatus = {
        id: call.hub.nextId(),
        sha,
        state: textIn(call.body, "state") ?? "",
        context: textIn(call.body, "context") ?? "default",
        description,
        targetUrl: textIn(call.body, "target_url"),
        creator: callerOf(call).actor,
        createdAtMs: call.hub.nowMs(),
      };
      call.repository.statuses.set(status.id, status);
      return ok(statusView(call.hub, call.repository, status), 201);
    }),
    inRepository("GET /commits/{ref}/statuses", needs.readStatuses, async (call) =>
      page(call, statusesOf(call, await commitIn(call)), (status) =>
        statusView(call.hub, call.repository, status),
      ),
    ),
    inRepository("GET /commits/{ref}/status", needs.readStatuses, async (call) => {
      const sha = await commitIn(call);
      const latest = new Map(
        statusesOf(call, sha)
          .toReversed()
          .map((status) => [status.context, status]),
      );
      const statuses = [...latest.values()];
      const root = repositoryUrl(call.hub, call.repository);
      return ok({
        state: combinedState(statuses),
        statuses: statuses.map((status) => simpleStatusView(call.hub, call.repository, status)),
        sha,
        total_count: statuses.length,
        repository: minimalRepositoryView(call.hub, call.repository),
        commit_url: `${root}/commits/${sha}`,
        url: `${root}/commits/${sha}/status`,
      });
    }),
  ];
}

function sarifRoutes(): readonly Route[] {
  return [
    inRepository("POST /code-scanning/sarifs", needs.writeAlerts, async (call) => {
      const commit = textIn(call.body, "commit_sha") ?? "";
      const ref = textIn(call.body, "ref") ?? "";
      if ((await commitOf(call.repository.gitDir, commit)) === null) {
        throw refuse(404, `commit not found: ${commit}`);
      }
      const sarif = unpacked(textIn(call.body, "sarif") ?? "");
      const id = `5a7f${String(call.hub.nextId()).padStart(12, "0")}`;
      call.repository.sarifs.set(id, { id, commit, ref, sarif });
      const url = `${repositoryUrl(call.hub, call.repository)}/code-scanning/sarifs/${id}`;
      return ok({ id, url }, 202);
    }),
    inRepository("GET /code-scanning/sarifs/{sarif_id}", needs.readAlerts, (call) => {
      const found = call.repository.sarifs.get(call.params["sarif_id"] ?? "");
      if (found === undefined) {
        throw notFound();
      }
      return ok({
        processing_status: "complete",
        analyses_url: `${repositoryUrl(call.hub, call.repository)}/code-scanning/analyses?sarif_id=${found.id}`,
        errors: null,
      });
    }),
  ];
}

/** SARIF comes gzipped and in base64. */
function unpacked(text: string): Json {
  try {
    const packed = Buffer.from(text, "base64");
    const unzipped = gunzipSync(packed, { maxOutputLength: sarifLimit }).toString("utf8");
    const value = parseJson(unzipped);
    if (isObject(value) && value["version"] === "2.1.0" && Array.isArray(value["runs"])) {
      return value;
    }
  } catch {
    // What cannot be read is refused below, as what is not SARIF.
  }
  throw refuse(400, "sarif is not a gzip-compressed, base64-encoded SARIF 2.1.0 file");
}
