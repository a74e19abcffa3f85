import { createGit, pushAuditTags } from "../../adapters/git/index.ts";
import type { Git } from "../../adapters/git/index.ts";
import { openAudit } from "../../compose-audit.ts";
import type { Anchor, Audit, AuditReport } from "../../core/audit/index.ts";
import { isoTime } from "../../core/base/iso.ts";
import { SkeinError } from "../../core/base/errors.ts";
import type { JsonObject } from "../../core/base/json.ts";
import type { Answer, Call } from "../command.ts";
import { cliErrors } from "../errors.ts";
import { wantedKind } from "../event-kind.ts";
import { readGiven, writeGiven } from "../files.ts";
import { printRecord, recordLine } from "../output.ts";
import { withStore } from "../project.ts";
import type { StoredProject } from "../project.ts";
import { parseSince } from "../since.ts";
import { eventJson } from "../../core/events/index.ts";
import { counted } from "../counted.ts";

interface Auditing {
  readonly audit: Audit;
  readonly project: StoredProject;
  /** Null where there is no clone for the caller. */
  readonly git: Git | null;
}

const largestKey = 10_000;

async function auditing<T>(call: Call, work: (parts: Auditing) => Promise<T>): Promise<T> {
  const file = call.options.text("publicKey");
  const given = file === null ? [] : [await readGiven(file, largestKey, call.io)];
  return withStore(call, async (project) => {
    const { skein, settings, repository } = project;
    const { env, within } = call.io;
    const git = repository === null ? null : createGit({ cwd: repository.root, env });
    const audit = await openAudit({
      skein,
      // A server signs nothing for its callers; what it trusts stands in `public_keys`.
      settings: within === undefined ? settings.audit : { ...settings.audit, key: null },
      env,
      git,
      publicKeys: given.map((text) => text.trim()),
    });
    return work({ audit, project, git });
  });
}

/** `skein audit verify`: ends with 1 when something does not hold. */
export async function verifyAudit(call: Call): Promise<Answer> {
  return auditing(call, async ({ audit }) => {
    const report = await audit.verify();
    const { isClean, events, faults, head, archivedTo, anchors } = report;
    return {
      data: {
        clean: isClean,
        events,
        head: { seq: head.seq, hash: head.hash },
        archived_to: archivedTo.seq,
        faults: faults.map(({ fault, seq, detail }) => ({ fault, seq, detail })),
        anchors:
          anchors === null
            ? null
            : {
                checked: anchors.checked,
                archived: anchors.archived,
                unknown_keys: anchors.unknownKeys,
                newest: anchors.newest === null ? null : anchorData(anchors.newest),
              },
        unanchored_events: unanchored(report),
      },
      lines: [
        isClean
          ? `Clean: the chain of ${counted(events, "event")} holds.`
          : `${counted(faults.length, "thing")} ${faults.length === 1 ? "does" : "do"} not hold (of ${counted(events, "event")}):`,
        ...faults.map(({ fault, seq, detail }) => `  ${fault} at event ${String(seq)}: ${detail}`),
        ...anchorLines(report),
      ],
      exitCode: isClean ? 0 : 1,
    };
  });
}

function unanchored({ head, anchors }: AuditReport): number {
  return Math.max(0, head.seq - (anchors?.newest?.head.seq ?? 0));
}

/** What the check cannot know stands beside what it knows. */
function anchorLines(report: AuditReport): readonly string[] {
  const { anchors } = report;
  if (anchors === null || anchors.newest === null) {
    const unknown = anchors !== null && anchors.unknownKeys > 0;
    return [
      unknown
        ? `No anchor is signed by a key that is trusted here; there are others: ${String(anchors.unknownKeys)}. SKEIN_AUDIT_KEY, \`audit.public_keys\` and \`--public-key\` say which are.`
        : "There is no anchor outside of the store.",
      "Without one, a log that was cut at its end, or written anew as a whole, cannot be told from a true one.",
    ];
  }
  const left = unanchored(report);
  if (anchors.newest.head.seq < report.archivedTo.seq) {
    return [
      `Every anchor is of archived events, the newest of event ${String(anchors.newest.head.seq)} of ${isoTime(anchors.newest.atMs)}: none proves the log that is here.`,
      "Whoever can write the store can say of any event that it was archived. Hold the archives against the anchors, and make a new one.",
    ];
  }
  return [
    `${counted(anchors.checked, "anchor")} ${anchors.checked === 1 ? "agrees or was" : "agree or were"} judged above; the newest covers event ${String(anchors.newest.head.seq)} of ${isoTime(anchors.newest.atMs)}.`,
    ...(anchors.unknownKeys === 0
      ? []
      : [
          `${counted(anchors.unknownKeys, "anchor")} ${anchors.unknownKeys === 1 ? "is" : "are"} signed by keys that are not trusted here.`,
        ]),
    ...(left === 0 ? [] : [unanchoredLine(left)]),
  ];
}

function unanchoredLine(left: number): string {
  const [which, it] = left === 1 ? ["event has", "it"] : [`${counted(left, "event")} have`, "they"];
  return `The last ${which} no anchor yet: were ${it} cut off, only a later anchor could tell.`;
}

/** `skein audit anchor`: signs the log's head and puts it away. */
export async function anchorAudit(call: Call): Promise<Answer> {
  return auditing(call, async ({ audit, project, git }) => {
    const { kind, anchor } = await audit.anchor();
    const isPushed = call.options.flag("push") && git !== null;
    if (isPushed) {
      await pushAuditTags(git, project.settings.github.remote);
    }
    return {
      data: {
        outcome: kind,
        anchor: anchor === null ? null : anchorData(anchor),
        pushed: isPushed,
      },
      lines: [
        {
          anchored: `Anchored the log at event ${String(anchor?.head.seq ?? 0)}.`,
          exists: "There is an anchor of today already; the next one can be made tomorrow.",
          unchanged: "The log has not grown since its newest anchor.",
        }[kind],
        ...(isPushed ? [`Pushed the anchors to ${project.settings.github.remote}.`] : []),
      ],
    };
  });
}

function anchorData({ project, head, atMs, keyId, signature }: Anchor): JsonObject {
  return { project, seq: head.seq, hash: head.hash, at: isoTime(atMs), key_id: keyId, signature };
}

/** `skein audit export [FILE|-]`: one event a line, oldest first. */
export async function exportAudit(call: Call): Promise<Answer | number> {
  const [file = "-"] = call.args;
  return auditing(call, async ({ audit, project }) => {
    const nowMs = await project.skein.store.read(async (reader) => Promise.resolve(reader.nowMs));
    const pages = audit.export({
      sinceMs: timeOf(call, "since", nowMs),
      untilMs: timeOf(call, "until", nowMs),
      actor: call.options.text("actor"),
      principal: call.options.text("principal"),
      kind: wantedKind(call.options),
    });
    if (file === "-") {
      for await (const page of pages) {
        for (const event of page) {
          printRecord(eventJson(event), call.io);
        }
      }
      return 0;
    }
    const lines: string[] = [];
    for await (const page of pages) {
      lines.push(...page.map((event) => recordLine(eventJson(event))));
    }
    await writeGiven(file, lines.join(""), {
      io: call.io,
      mayReplace: call.options.flag("yes"),
    });
    return {
      data: { file, events: lines.length },
      lines: [`Wrote ${counted(lines.length, "event")} to ${file}.`],
    };
  });
}

function timeOf({ options }: Call, option: "since" | "until", nowMs: number): number | null {
  const text = options.text(option);
  if (text === null) {
    return null;
  }
  const exactMs = /^\d{4}-\d\d-\d\dT/u.test(text) ? Date.parse(text) : Number.NaN;
  if (/^\d{4}-\d\d-\d\dT/u.test(text) && Number.isNaN(exactMs)) {
    throw new SkeinError(cliErrors.badValue, {
      message: `--${option} cannot be ${JSON.stringify(text)}.`,
      fix: "Give a day as 2026-11-01, a time as 2026-11-01T12:00:00Z, or how long ago as 24h, 7d or 4w.",
      facts: { option: `--${option}`, value: text },
    });
  }
  return Number.isNaN(exactMs) ? parseSince(text, nowMs) : exactMs;
}
