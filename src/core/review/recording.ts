import { billed } from "./billing.ts";
import type { SeatBill } from "./billing.ts";
import { coverageOf } from "./diff/coverage.ts";
import type { Packing } from "./diff/pack.ts";
import type { SkipOutcome } from "./diff/skip.ts";
import { carryStates } from "./diff/states.ts";
import { anchorsOf } from "./findings.ts";
import type { Finding } from "./finding.ts";
import type { ReviewRecord, TallyBasis } from "./kept.ts";
import { personNotes } from "./needs-person.ts";
import { resultOf } from "./result.ts";
import type { Change } from "./change.ts";
import type { Verified } from "./verifying.ts";
import type { Seat } from "./seat.ts";
import type { SwarmOutcome } from "./swarm/request.ts";
import type { Thresholds } from "./vote/thresholds.ts";
import type { TrackRecord } from "./vote/weights.ts";

/** All that a review came to, to be tallied and kept. */
export interface RecordParts {
  readonly id: string;
  readonly change: Change;
  readonly packing: Packing;
  readonly skipped: SkipOutcome["skipped"];
  readonly thresholds: Thresholds;
  readonly checks: readonly Finding[];
  readonly outcome: SwarmOutcome;
  /** The findings of the subject's last review, with their states. */
  readonly previous: readonly Finding[];
  readonly track: readonly TrackRecord[];
  /** Null: nobody counts, the prices of the answers do. */
  readonly bills: readonly SeatBill[] | null;
  readonly verified: Verified;
  readonly remarks: readonly string[];
  readonly wasStopped: boolean;
}

/** Tallies a review, and carries the states of earlier findings over to it. */
export function recordOf(parts: RecordParts): ReviewRecord {
  const { change, outcome, previous } = parts;
  const basis = basisOf(parts);
  const gone = { fixed: new Array<Finding>(), declined: new Array<Finding>() };
  const result = resultOf({
    frame: {
      id: parts.id,
      base: change.base,
      head: change.head,
      ...billed({ seats: outcome.reports, cost: outcome.cost }, parts.bills),
      skipped: parts.skipped.map(({ path, reason }) => ({ path, reason })),
      coverage: coverageOf(parts.packing, outcome.readings),
      notes: [
        ...outcome.notes,
        ...parts.remarks,
        ...parts.verified.notes,
        ...personNotes(change.files),
      ],
      wasStopped: parts.wasStopped,
      ...gone,
    },
    basis,
    others: parts.checks,
    carry: (current) => {
      const { live, fixed, declined } = carryStates({
        previous: previous.filter(({ decision }) => decision !== "check"),
        current,
        files: change.files,
      });
      gone.fixed.push(...fixed);
      gone.declined.push(...declined);
      return live;
    },
  });
  return { result, basis, silent: gone.declined };
}

function basisOf({ change, thresholds, outcome, track, ...parts }: RecordParts): TallyBasis {
  const { mode, clusters, votes, isComplete } = outcome;
  const names = new Set(outcome.seats.map(({ model }) => model.name));
  return {
    outcome: {
      mode,
      clusters,
      votes,
      isComplete: isComplete && !parts.wasStopped,
      seats: outcome.seats.map((seat) => withoutHeaders(seat)),
      proposers: outcome.proposers.map((seat) => withoutHeaders(seat)),
    },
    anchors: anchorsOf(outcome, change.files),
    thresholds,
    records: track.filter(({ model }) => names.has(model)),
    verified: parts.verified.verified,
  };
}

/** Headers may carry keys: they are not kept. */
function withoutHeaders(seat: Seat): Seat {
  const { model } = seat;
  return { ...seat, model: { ...model, takes: { ...model.takes, headers: {} } } };
}
