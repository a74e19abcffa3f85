import { formatUsd } from "../core/costs/index.ts";
import { patternText } from "../core/leases/index.ts";
import type { Task } from "../core/plans/index.ts";
import { endingSoon, hasLeftWork, redItems } from "./board.ts";
import type { Board, SessionRow } from "./board.ts";
import { painter, tableLines } from "./output.ts";
import { statusText } from "./task-lines.ts";
import { clip } from "./views.ts";
import type { Wait } from "./waits.ts";
import { counted } from "./counted.ts";

export interface BoardStyle {
  readonly hasColor: boolean;
  /** The most rows of one section. */
  readonly most: number;
  /** Where lines are cut; null: nowhere. */
  readonly columns: number | null;
}

/** The board for people: what is wrong first, then who works, then what waits. */
export function boardLines(
  board: Board,
  waits: readonly Wait[],
  style: BoardStyle,
): readonly string[] {
  const paint = painter(style.hasColor);
  const sections: readonly (readonly [string, readonly string[]])[] = [
    [
      paint.red("Needs a person"),
      redItems(board).map(({ text, next }) => `${clip(text, 120)}\n    ${paint.dim(next)}`),
    ],
    ["Sessions", sessionLines(board)],
    ["Claims", [...board.claimed, ...board.submitted].map((task) => claimLine(task, board))],
    ["Leases that end soon", leaseLines(board)],
    ["Waiting", [...integrateLines(board), ...waits.map(waitLine)]],
  ];
  return [
    headLine(board),
    ...planLines(board, style.columns),
    ...sections.flatMap(([title, rows]) => section(paint.bold(title), rows, style.most)),
  ];
}

function waitLine({ task, why }: Wait): string {
  return `${task}: ${clip(why, 140)}`;
}

/** What lands submitted work, where no process watches for it. */
function integrateLines({ submitted }: Board): readonly string[] {
  const count = submitted.filter(({ integratedCommit }) => integratedCommit === null).length;
  if (count === 0) {
    return [];
  }
  const [verb, them] = count === 1 ? ["waits", "it"] : ["wait", "them"];
  return [
    `${counted(count, "submitted task")} ${verb} to be integrated: \`skein integrate\` lands ${them}`,
  ];
}

function headLine({ sessions, leases, spentMicroUsd, lastSeq, plans }: Board): string {
  const open = plans.filter(({ plan }) => plan.status === "active" || plan.status === "paused");
  return [
    counted(open.length, "open plan"),
    counted(sessions.length, "session"),
    counted(leases.length, "lease"),
    `$${formatUsd(spentMicroUsd)} spent`,
    counted(lastSeq, "event"),
  ].join(", ");
}

const planHead = [
  "PLAN",
  "STATUS",
  "READY",
  "WAIT",
  "CLAIMED",
  "SUBMITTED",
  "DONE",
  "FAILED",
  "BLOCKED",
];

function planRow({ plan, counts }: Board["plans"][number]): readonly string[] {
  const { ready, waiting, claimed, submitted, done, failed, blocked } = counts;
  return [
    plan.id,
    plan.status,
    ...[ready, waiting, claimed, submitted, done, failed, blocked].map(String),
  ];
}

/** The table of plans. Where it is cut, titles and long names are, and no counts. */
function planLines(board: Board, columns: number | null): readonly string[] {
  const plans = board.plans.slice(-10);
  if (plans.length === 0) {
    return ["", "There is no plan yet. Bring one in with `skein plan import FILE`."];
  }
  const rows = plans.map(planRow);
  const lines = tableLines(planHead, rows);
  const room = (columns ?? Infinity) - widest(lines);
  if (room >= 0) {
    return ["", ...(titledLines(plans, rows, room) ?? lines)];
  }
  const longest = Math.max(...rows.map(([id = ""]) => id.length));
  const most = Math.max(shortestName, longest + room);
  return [
    "",
    ...tableLines(
      planHead,
      rows.map(([id = "", ...cells]) => [clip(id, most), ...cells]),
    ),
  ];
}

/** A plan's name and title are cut to no fewer characters. */
const shortestName = 8;

const longestTitle = 60;

function widest(lines: readonly string[]): number {
  return Math.max(...lines.map(({ length }) => length));
}

/** The table with what people call the plans behind the counts; null: there is no room for it, or no title says more than its id. */
function titledLines(
  plans: Board["plans"],
  rows: readonly (readonly string[])[],
  room: number,
): readonly string[] | null {
  const most = Math.min(longestTitle, room - 2);
  const isTold = plans.some(({ plan }) => plan.title !== plan.id);
  return isTold && most >= shortestName
    ? tableLines(
        [...planHead, "TITLE"],
        rows.map((row, at) => [...row, clip(plans[at]?.plan.title ?? "", most)]),
      )
    : null;
}

function section(title: string, rows: readonly string[], most: number): readonly string[] {
  if (rows.length === 0) {
    return [];
  }
  const shown = rows.slice(0, most);
  const more = rows.length > most ? [`  … ${String(rows.length - most)} more`] : [];
  return ["", title, ...shown.map((row) => `  ${row}`), ...more];
}

function sessionLines(board: Board): readonly string[] {
  return board.sessions.map((row) => sessionLine(row, board));
}

function sessionLine(row: SessionRow, board: Board): string {
  const { session, state } = row;
  const work = board.claimed
    .filter((task) => task.session === session.id)
    .map(({ plan, id }) => `${plan}/${id}`);
  const on = work.length === 0 ? "" : ` on ${work.join(", ")}`;
  return `${session.id.padEnd(5)} ${clip(session.name, 24).padEnd(12)} ${state.padEnd(8)} ${session.role}${on}${hasLeftWork(board, row) ? "; what it holds comes back by itself" : ""}`;
}

function claimLine(task: Task, { sessions }: Board): string {
  const holder = sessions.find(({ session }) => session.id === task.session)?.session.name;
  const by = holder === undefined ? (task.session ?? "") : `${holder} (${task.session ?? ""})`;
  return `${task.plan}/${task.id} ${statusText(task)} by ${by}: ${clip(task.title, 60)}`;
}

function leaseLines(board: Board): readonly string[] {
  return endingSoon(board).map(({ id, session, patterns, untilMs }) => {
    const minutes = Math.max(0, Math.ceil(((untilMs ?? 0) - board.nowMs) / 60_000));
    return `${id} of ${session} in ${String(minutes)} min: ${clip(patterns.map(patternText).join(", "), 80)}`;
  });
}
