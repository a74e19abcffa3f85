import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type {
  Annotation,
  CheckHost,
  CheckReport,
  CheckRun,
  Conclusion,
  SarifUpload,
} from "../../core/hosting/index.ts";
import { isLooseObject, ownObject, ownText, ownValue } from "../../core/base/loose-object.ts";
import { hostingErrors } from "../../core/hosting/index.ts";
import { createOnce } from "./creating.ts";
import { cut, cutBytes } from "./cut.ts";
import { isFailure, isUnknown } from "./failures.ts";
import { countOf, needId, needObject, needText } from "./shapes.ts";
import type { Values, Wire } from "./wire.ts";

const runs = "/repos/{owner}/{repo}/check-runs";
const one = `${runs}/{check_run_id}`;

/** What the host takes in one request. */
const maxAnnotations = 50;
const maxText = 65_535;
const maxTitle = 255;
const maxMessageBytes = 64 * 1_024;

export function createChecks(wire: Wire): CheckHost {
  const list: CheckHost["list"] = async (sha, name) => {
    const route = "GET /repos/{owner}/{repo}/commits/{ref}/check-runs";
    const rows = await wire.list(route, { ref: sha, check_name: name, filter: "all" });
    return rows.map(readRun).toSorted((one_, other) => other.id - one_.id);
  };
  return {
    list,
    latest: async (sha) => {
      const route = "GET /repos/{owner}/{repo}/commits/{ref}/check-runs";
      return (await wire.list(route, { ref: sha, filter: "latest" })).map(readRun);
    },
    report: async (report, replaces) => {
      let run = replaces;
      const send = async (shown: CheckReport): Promise<CheckRun> => {
        const [first = [], ...more] = chunksOf(shown.annotations);
        const isWhole = more.length === 0;
        run = await begin(wire, list, { report: shown, first, replaces: run, isWhole });
        for (const [index, chunk] of more.entries()) {
          const isLast = index === more.length - 1;
          const sent = maxAnnotations * (index + 1);
          run = await append(wire, run, { body: bodyOf(shown, chunk, isLast), sent });
        }
        return run;
      };
      try {
        return await send(report);
      } catch (error) {
        // One annotation that the host does not take costs the others, never the verdict.
        if (report.annotations.length === 0 || !isFailure(error, hostingErrors.rejected)) {
          throw error;
        }
        return send({ ...report, annotations: [] });
      }
    },
    uploadSarif: async (upload) => uploadSarif(wire, upload),
  };
}

interface Beginning {
  readonly report: CheckReport;
  readonly first: readonly Annotation[];
  readonly replaces: CheckRun | null;
  readonly isWhole: boolean;
}

/**
 * Sends what fits into one request. A check that still runs is written over; the host would put new annotations behind the old ones of one that has
 * ended, and shows only the last check of a name, so that one gets a successor.
 */
async function begin(
  wire: Wire,
  list: CheckHost["list"],
  { report, first, replaces, isWhole }: Beginning,
): Promise<CheckRun> {
  const { headSha, name, externalId } = report;
  const body = bodyOf(report, first, isWhole);
  const shown = isWhole ? report.conclusion : null;
  if (replaces !== null && replaces.conclusion === null && replaces.headSha === headSha) {
    return append(wire, replaces, { body: { ...body, name }, sent: 0 });
  }
  return createOnce(
    {
      make: async () =>
        readRun(await wire.make(`POST ${runs}`, { ...body, name, head_sha: headSha })),
      look: async () => {
        // The last one is what is shown: one before it that says the same is no answer.
        const [last] = await list(headSha, name);
        return last?.externalId === externalId && last.conclusion === shown ? last : null;
      },
    },
    externalId !== null,
  );
}

interface Addition {
  readonly body: Values;
  /** How many annotations the check has before it. */
  readonly sent: number;
}

/** The host puts annotations behind those that are there, so that none is sent again without a look at their number. */
async function append(wire: Wire, run: CheckRun, { body, sent }: Addition): Promise<CheckRun> {
  const values = { check_run_id: run.id };
  const write = async (): Promise<unknown> => wire.make(`PATCH ${one}`, { ...values, ...body });
  try {
    return readRun(await write());
  } catch (error) {
    if (!isUnknown(error)) {
      throw error;
    }
    const now = needObject(await wire.read(`GET ${one}`, values), "the check");
    const added = (countOf(ownObject(now, "output"), "annotations_count") ?? 0) > sent;
    const isThere = added || ownText(now, "conclusion") !== null;
    return readRun(isThere ? now : await write());
  }
}

function chunksOf(annotations: readonly Annotation[]): readonly (readonly Annotation[])[] {
  const count = Math.ceil(annotations.length / maxAnnotations);
  return Array.from({ length: count }, (_, index) =>
    annotations.slice(index * maxAnnotations, (index + 1) * maxAnnotations),
  );
}

function bodyOf(report: CheckReport, chunk: readonly Annotation[], isLast: boolean): Values {
  const { conclusion, externalId, detailsUrl, text } = report;
  return {
    ...(isLast && conclusion !== null
      ? { status: "completed", conclusion }
      : { status: "in_progress" }),
    output: {
      title: cut(report.title, maxTitle),
      summary: cut(report.summary, maxText),
      ...(text === "" ? {} : { text: cut(text, maxText) }),
      ...(chunk.length === 0 ? {} : { annotations: chunk.map(annotationOf) }),
    },
    ...(externalId === null ? {} : { external_id: externalId }),
    ...(detailsUrl === null ? {} : { details_url: detailsUrl }),
  };
}

function annotationOf(annotation: Annotation): Values {
  return {
    path: annotation.path,
    start_line: annotation.line,
    end_line: annotation.endLine,
    annotation_level: annotation.level,
    title: cut(annotation.title, maxTitle),
    message: cutBytes(annotation.message, maxMessageBytes),
  };
}

const conclusions = ["success", "neutral", "failure", "cancelled", "skipped"] as const;

/** @throws {SkeinError} SKN-7652 */
function readRun(value: unknown): CheckRun {
  const run = needObject(value, "the check");
  const app = ownValue(run, "app");
  return {
    id: needId(run, "id"),
    name: needText(run, "name"),
    headSha: needText(run, "head_sha"),
    conclusion: conclusionOf(ownText(run, "conclusion")),
    externalId: ownText(run, "external_id") || null,
    appId: isLooseObject(app) ? countOf(app, "id") : null,
  };
}

/** The host's other words (timed out, stale, action required) block as a failure does. */
function conclusionOf(word: string | null): Conclusion | null {
  return word === null ? null : (conclusions.find((each) => each === word) ?? "failure");
}

async function uploadSarif(wire: Wire, { sha, ref, sarif }: SarifUpload) {
  const packed = await promisify(gzip)(sarif);
  try {
    await wire.set("POST /repos/{owner}/{repo}/code-scanning/sarifs", {
      commit_sha: sha,
      ref,
      sarif: packed.toString("base64"),
    });
    return "taken";
  } catch (error) {
    // One answer for "switched off", "not paid for" and "this token may not".
    const isOff =
      isFailure(error, hostingErrors.denied, 403) || isFailure(error, hostingErrors.missing);
    if (isOff) {
      return "unavailable";
    }
    throw error;
  }
}
