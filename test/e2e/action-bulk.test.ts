import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { payloadOf, runStep, shop } from "../support/action-stand.ts";
import type { StepEnd } from "../support/action-stand.ts";
import { startGithub } from "../support/github/server.ts";
import type { Github } from "../support/github/server.ts";
import { say, startModelServer } from "../support/model-servers/index.ts";
import type { Answer, ModelCall, ModelServer } from "../support/model-servers/index.ts";
import { reviewEnv, settingsFor } from "../support/review-stand.ts";

/** What a file of the change is like. */
const kinds = [
  "edited",
  "renamed",
  "no newline at its end",
  "CRLF",
  "Unicode path",
  "decomposed path",
  "odd path",
  "added",
  "deleted",
  "odd line ends",
] as const;
type Kind = (typeof kinds)[number];

interface BulkFile {
  readonly kind: Kind;
  readonly path: string;
  /** Before a rename. */
  readonly oldPath: string;
  /** Null: it is not there. */
  readonly before: string | null;
  readonly after: string | null;
  readonly finding: Finding;
  /** The lines that its comment has to stand on; null: no line has what it quotes. */
  readonly meant: { readonly first: number; readonly last: number } | null;
}

interface Finding {
  readonly path: string;
  readonly line: number;
  readonly end_line: number;
  readonly title: string;
  readonly body: string;
  readonly quoted: string;
}

const fileCount = 300;

/** Reviewers name something in so many of the files: more than a review has comments for, and all of it comes to the vote. */
const named = 45;

const files: readonly BulkFile[] = Array.from({ length: fileCount }, (_, index) => bulkFile(index));

let github: Github;
let servers: ModelServer[] = [];

beforeEach(async () => {
  servers = await Promise.all(
    ["test-anthropic", "test-openai"].map(async (key) => startModelServer({ key, reply: answer })),
  );
  const [claude, router] = servers;
  if (claude === undefined || router === undefined) {
    throw new Error("two servers were started");
  }
  github = await startGithub();
  github.addUser("grace");
  await github.addRepository({ fullName: shop });
  github.setPermission(shop, "grace", "write");
  const before = files.map(({ oldPath, before: text }) => [oldPath, text] as const);
  const after = files.flatMap(({ oldPath, path, after: text }) => [
    ...(oldPath === path ? [] : [[oldPath, null] as const]),
    [path, text] as const,
  ]);
  await github.commit(shop, {
    branch: "main",
    files: {
      ".github/skein.yml": settingsFor(claude, router),
      ...Object.fromEntries(before.filter(([, text]) => text !== null)),
    },
  });
  await github.commit(shop, { branch: "bulk", files: Object.fromEntries(after) });
});

afterEach(async () => {
  expect(github.violations).toEqual([]);
  await github.close();
  await Promise.all(servers.map(async (server) => server.close()));
});

describe("a pull request with 300 files", () => {
  test("gets each comment on the line that it quotes, in few calls, and loses no finding", async () => {
    const { number } = await github.openPull(shop, {
      title: "Change everything",
      author: "grace",
      head: "bulk",
    });
    const payload = await payloadOf(github, "grace", { action: "opened", pull: number });
    const before = github.calls.length;

    const step = await runStep({
      github,
      event: "pull_request",
      payload,
      inputs: { mode: "review", preset: "fast" },
      env: reviewEnv,
    });

    const calls = github.calls.slice(before).filter(({ path }) => !path.includes(".git/"));
    const told = calls.map(({ method, path, status }) => `${method} ${path} ${String(status)}`);
    expect(step.code, step.log).toBe(0);

    const { onLines, onFiles } = postedComments(calls);
    // GitHub takes comments on whole files one by one.
    expect(onFiles.length).toBeLessThanOrEqual(3);
    expect(calls.length - onFiles.length, told.join("\n")).toBeLessThanOrEqual(12);
    expect(onLines.length + onFiles.length).toBe(30);
    for (const comment of onLines) {
      expectOnItsLine(comment);
    }
    for (const { body, path } of onFiles) {
      expect(fileOf(body), body).toMatchObject({ path, meant: null });
    }
    expectAllKinds(onLines);
    expectNothingLost(step, [...onLines, ...onFiles]);
    expectMarked();
  });
});

interface Posted {
  readonly path: string;
  readonly body: string;
  readonly line: number | null;
  readonly startLine: number | null;
  readonly side: string;
}

function postedComments(calls: Github["calls"]): {
  readonly onLines: readonly Posted[];
  readonly onFiles: readonly Posted[];
} {
  const made = calls.filter(({ method, status }) => method === "POST" && status < 300);
  const reviews = made.filter(({ path }) => path.endsWith("/reviews"));
  const single = made.filter(({ path }) => /\/pulls\/\d+\/comments$/u.test(path));
  expect(reviews).toHaveLength(1);
  return {
    onLines: reviews.flatMap(({ body }) => listIn(body).map(postedOf)),
    onFiles: single.map(({ body }) => postedOf(body)),
  };
}

function listIn(body: unknown): readonly unknown[] {
  const comments = fieldOf(body, "comments");
  return Array.isArray(comments) ? comments : [];
}

function postedOf(comment: unknown): Posted {
  const [line, start] = [fieldOf(comment, "line"), fieldOf(comment, "start_line")];
  return {
    path: String(fieldOf(comment, "path")),
    body: String(fieldOf(comment, "body")),
    line: typeof line === "number" ? line : null,
    startLine: typeof start === "number" ? start : null,
    side: String(fieldOf(comment, "side")),
  };
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;
}

function fileOf(body: string): BulkFile | undefined {
  return files.find(({ finding }) => body.includes(`${finding.title} (`));
}

/** The lines are split as git and GitHub split them: at line feeds only. */
function expectOnItsLine({ path, body, line, startLine, side }: Posted): void {
  const file = fileOf(body);
  if (file?.meant === undefined || file.meant === null) {
    throw new Error(`a comment on a line quotes nothing there: ${body}`);
  }
  const { meant, finding, kind } = file;
  const isGone = file.after === null;
  const lines = (isGone ? file.before : file.after)?.split("\n") ?? [];
  const text = lines
    .slice((startLine ?? line ?? 0) - 1, line ?? 0)
    .map((each) => each.trim())
    .join("\n");

  expect(path, kind).toBe(file.path);
  expect(side, kind).toBe(isGone ? "LEFT" : "RIGHT");
  expect(text, `${kind} ${path}`).toBe(finding.quoted);
  expect({ first: startLine ?? line, last: line }, `${kind} ${path}`).toEqual(meant);
}

/** The check marks what each finding quotes, also where there was no room for a comment; nothing of what is gone, or stands on no line. */
function expectMarked(): void {
  const runs = [...github.repository(shop).runs.values()];
  const marked = runs.findLast(({ name }) => name === "skein/review")?.annotations ?? [];
  const placed = marked.map((each) => ({
    path: each["path"],
    title: JSON.stringify(each["title"]).replaceAll(/^"\w+ \w+: |"$/gu, ""),
    first: each["start_line"],
    last: each["end_line"],
  }));
  const meant = files
    .filter(
      ({ finding, after, meant: lines }) =>
        asked.has(finding.title) && after !== null && lines !== null,
    )
    .map(({ path, finding: { title }, meant: lines }) => ({ path, title, ...lines }));

  expect(placed.length).toBeGreaterThan(25);
  expect(placed.toSorted(byTitle)).toEqual(meant.toSorted(byTitle));
}

function byTitle(one: { readonly title: string }, other: { readonly title: string }): number {
  return one.title.localeCompare(other.title);
}

/** The worst come first, so that of every kind one is commented. */
function expectAllKinds(comments: readonly Posted[]): void {
  const shown = new Set(comments.map(({ body }) => fileOf(body)?.kind));
  expect([...kinds].filter((kind) => !shown.has(kind))).toEqual([]);
  const texts = comments.map(({ startLine }) => startLine !== null);
  expect(texts).toContain(true);
}

function expectNothingLost(step: StepEnd, comments: readonly Posted[]): void {
  const summary = github.calls.findLast(
    ({ method, path }) => method === "PATCH" && path.includes("/issues/comments/"),
  );
  const text = String(fieldOf(summary?.body, "body"));
  const reported = files.filter(({ finding }) => asked.has(finding.title));
  const below = text.split("\n").filter((line) => line.includes("Not commented: "));
  const more = Number(/### Not commented\n[\s\S]*?\n- (\d+) more\n/u.exec(text)?.[1] ?? 0);

  expect(reported.length).toBeGreaterThan(30);
  expect(step.outputs["findings"]).toBe(String(reported.length));
  expect(comments.length + below.length + more).toBe(reported.length);
  expect(below.every((line) => /Not commented: [a-z]/u.test(line))).toBe(true);
  const commented = new Set(comments.map(({ body }) => fileOf(body)?.finding.title));
  const missing = reported.filter(
    ({ finding: { title } }) =>
      !commented.has(title) && !below.some((line) => line.includes(title)),
  );
  expect(missing.length).toBe(more);
}

/** The titles that a reviewer has named. */
const asked = new Set<string>();

/** Each reviewer names what it is shown, 20 at most; all agree with each other. */
function answer({ prompt, number, model }: ModelCall): Answer {
  if (prompt.includes("Vote on each of:")) {
    const ids = [...prompt.matchAll(/\[begin candidate (c\d+) /gu)].map(([, id]) => id);
    const votes = ids.map((id) => ({ id, vote: "confirm", reason: "I read the lines." }));
    return say(JSON.stringify({ votes }));
  }
  const shown = files.slice(0, named).filter(({ path }) => prompt.includes(`=== ${path} (`));
  const start = (number * 37 + model.length * 10) % Math.max(1, shown.length);
  const mine = [...shown.slice(start), ...shown.slice(0, start)].slice(0, 20);
  const findings = mine.map(({ finding, kind }) => ({
    ...finding,
    severity: severityOf(finding),
    category: "correctness",
    symbol: null,
    failing_input: kind,
  }));
  findings.forEach(({ title }) => asked.add(title));
  return say(JSON.stringify({ findings }));
}

/** Two of each kind, and one over several lines, stand above the rest. */
function severityOf({ title, quoted }: Finding): string {
  if (quoted.startsWith("nowhere")) {
    return "low";
  }
  return files.findIndex(({ finding }) => finding.title === title) < 2 * kinds.length ||
    quoted.includes("\n")
    ? "critical"
    : "high";
}

/** One of each kind after the other: quoted at their line, miscounted, from two like lines, over three lines, from nowhere. */
function bulkFile(index: number): BulkFile {
  const kind = kinds[index % kinds.length] ?? "edited";
  const at = Math.floor(index / kinds.length);
  const oldPath = pathOf(kind, at);
  const path = kind === "renamed" ? `src/moved/${String(at)}/part.ts` : oldPath;
  const mark = `part${String(index)}`;
  // All of them have room in what reviewers are shown.
  const length = index < named ? 26 : 9;
  const old = linesOf(mark, kind, "old").slice(0, length);
  const now = linesOf(mark, kind, "new").slice(0, length);
  const end = kind === "no newline at its end" ? "" : "\n";
  const join = (lines: readonly string[]): string =>
    `${lines.join(kind === "CRLF" ? "\r\n" : "\n")}${end === "" ? "" : kind === "CRLF" ? "\r\n" : end}`;
  const shown = kind === "deleted" ? old : now;
  const { quoted, meant, line } = quoteOf(shown, at, mark);
  return {
    kind,
    path,
    oldPath,
    before: kind === "added" ? null : join(old),
    after: kind === "deleted" ? null : join(now),
    finding: {
      path: kind === "renamed" && at % 2 === 0 ? oldPath : path,
      line,
      end_line: line,
      title: `Word${mark}a rests${mark}b upon${mark}c`,
      body: `Body${mark}d differs${mark}e entirely${mark}f.`,
      quoted,
    },
    meant,
  };
}

function pathOf(kind: Kind, at: number): string {
  const number = String(at);
  const odd: Partial<Record<Kind, string>> = {
    "Unicode path": `src/größe/${number}/файл-日本-🧶.ts`,
    "decomposed path": `src/cafe\u0301/${number}.ts`,
    "odd path": `src/a "quoted" & <b>/${number}/it's  [x] #1 @y.ts`,
  };
  return odd[kind] ?? `src/${kind.replaceAll(/[^a-zA-Z]+/gu, "-").toLowerCase()}/${number}.ts`;
}

/** Twenty-six lines, of which the change touches the whole file: all of them are in its hunks. */
function linesOf(mark: string, kind: Kind, age: "old" | "new"): readonly string[] {
  return Array.from({ length: 26 }, (_, index) => {
    const number = String(index + 1);
    if (kind === "odd line ends" && index < 3) {
      return [`// ${age}\u2028sep`, `// ${age}\r bare`, `// ${age}\f\u0085\v end`][index] ?? "";
    }
    if (index === 4 || index === 22) {
      return `  const twice = read("${mark}", ${age === "new" ? "1" : "0"});`;
    }
    // Every third line stays, so that git sees a renamed file as the same.
    const isKept = index % 3 !== 0;
    return `  step${number}("${mark}", "${isKept ? "kept" : age}");`;
  });
}

function quoteOf(
  lines: readonly string[],
  at: number,
  mark: string,
): Pick<BulkFile, "meant"> & { readonly quoted: string; readonly line: number } {
  const textOf = (first: number, last: number): string =>
    lines
      .slice(first - 1, last)
      .map((each) => each.trim())
      .join("\n");
  switch (at % 6) {
    case 0:
      return { quoted: textOf(10, 10), meant: { first: 10, last: 10 }, line: 10 };
    case 1:
      // Miscounted.
      return { quoted: textOf(13, 13), meant: { first: 13, last: 13 }, line: 2 };
    case 2:
      return { quoted: textOf(23, 23), meant: { first: 23, last: 23 }, line: 21 };
    case 3:
      return { quoted: textOf(7, 9), meant: { first: 7, last: 9 }, line: 16 };
    case 4:
      return { quoted: `nowhere("${mark}");`, meant: null, line: 10 };
    default:
      return { quoted: textOf(26, 26), meant: { first: 26, last: 26 }, line: 999 };
  }
}
