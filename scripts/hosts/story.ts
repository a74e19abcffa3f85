import type { Move } from "./host.ts";

/** The plan of the run: two tasks, neither of which holds `src/b.ts`, which another session has leased. */
export const plan = `plan: hosts
title: Two small changes
verify: merge
tasks:
  - id: T1
    title: Raise a
    spec: Make a 2.
    files: [src/a.ts]
    priority: high
  - id: T2
    title: Describe a
    spec: Say what a is.
    files: ["docs/**"]
`;

/** What the story looks for in what the model was told: facts that only a real answer has. */
interface Told {
  readonly session: string;
  /** The fence that was told last. */
  readonly fence: number;
  /** The full commit that was told last. */
  readonly commit: string;
}

/**
 * What the model does, turn by turn: claims, edits its own file, tries a foreign one by the edit tool and by the shell, tries to commit it,
 * commits its own work, finishes and claims the next, edits that and a free file besides, tries to stop, finishes.
 *
 * @param body the whole request, in which every earlier answer stands.
 */
export function moveAt(turn: number, body: string, holdsBack: boolean): Move {
  const moves = story.filter((_, index) => holdsBack || index !== earlyEnd);
  const move = moves[turn];
  return move === undefined
    ? { kind: "say", text: "Nothing more is to be done." }
    : move(toldIn(body));
}

const story: readonly ((told: Told) => Move)[] = [
  () => ({ kind: "skein", tool: "next_task", input: { name: "robin" } }),
  () => ({
    kind: "edit",
    path: "src/a.ts",
    from: "export const a = 1;",
    to: "export const a = 2;",
  }),
  () => ({
    kind: "edit",
    path: "src/b.ts",
    from: "export const b = 1;",
    to: "export const b = 2;",
  }),
  () => ({ kind: "shell", command: "echo '// sneaked' >> src/b.ts" }),
  () => ({ kind: "shell", command: "git commit --all --quiet -m Sneak" }),
  () => shellCommit("git checkout --quiet -- src/b.ts", "Raise a"),
  ({ session, fence, commit }) => ({
    kind: "skein",
    tool: "finish_task",
    input: { ...ended(session, "T1"), fence, commit, summary: "a is 2.", claim_next: true },
  }),
  () => ({ kind: "edit", path: "docs/a.md", from: "a is 1.", to: "a is 2." }),
  () => ({ kind: "edit", path: "notes.md", from: null, to: "Nobody holds this file." }),
  () => ({ kind: "say", text: "I stop here, with a task in hand." }),
  () => shellCommit("rm notes.md", "Describe a"),
  ({ session, fence, commit }) => ({
    kind: "skein",
    tool: "finish_task",
    input: { ...ended(session, "T2"), fence, commit, summary: "a is described." },
  }),
];

/** The turn at which the model stops with a task in hand; left out for hosts that Skein cannot hold back. */
const earlyEnd = 9;

function shellCommit(first: string, message: string): Move {
  const command = `${first}; git commit --all --quiet -m '${message}'; git log -1 --format=commit=%H`;
  return { kind: "shell", command };
}

function ended(session: string, task: string): Readonly<Record<string, unknown>> {
  return { session, task: `hosts/${task}`, outcome: "submitted" };
}

/** Answers stand in the request as JSON in JSON, escaped as often as the host likes. */
function toldIn(body: string): Told {
  const lastOf = (pattern: RegExp): string => [...body.matchAll(pattern)].at(-1)?.[1] ?? "";
  return {
    session: lastOf(/session\\*":\s*\\*"([\w.-]{20,})/gu),
    fence: Number(lastOf(/fence\\*":\s*(\d+)/gu)),
    commit: lastOf(/commit=([0-9a-f]{40})/gu),
  };
}
