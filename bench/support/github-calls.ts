import { withDecomposition } from "../../src/bot/plan/decomposing.ts";
import { aContext } from "../../test/bot/contexts.ts";
import { payloadOf, runStep, shop } from "../../test/support/action-stand.ts";
import type { StepEnd } from "../../test/support/action-stand.ts";
import { botPlace } from "../../test/support/bot-place.ts";
import { startGithub } from "../../test/support/github/server.ts";
import type { Github, RecordedCall } from "../../test/support/github/server.ts";
import { say, startModelServer } from "../../test/support/model-servers/index.ts";
import type { Answer, ModelCall } from "../../test/support/model-servers/index.ts";
import { reviewEnv, settingsFor } from "../../test/support/review-stand.ts";
import { atMost } from "./figure.ts";
import type { Figure } from "./figure.ts";

/** More files with a finding than a review has comments for. */
const fileCount = 45;
const mostComments = 30;
/** Models of the keys are shown all of it in one part, of which so much comes to the vote. All comments go in one request. */
const fewComments = 20;
const children = 6;
const edges = children - 1;

const paths = Array.from({ length: fileCount }, (_, at) => `src/part${String(at)}.ts`);
const quoteOf = (path: string): string => `export const name = ${JSON.stringify(path)};`;

/** Where a repository has its settings; null: nowhere, and the models are those of the keys. */
export const settingsPlaces = [".github/skein.yml", "skein.yml", null] as const;
type SettingsPlace = (typeof settingsPlaces)[number];

/** How many requests of the committed bundle the strict fake GitHub answers for what an issue and a pull request need. */
export async function callFigures(): Promise<readonly Figure[]> {
  const reviews: Figure[] = [];
  for (const place of settingsPlaces) {
    reviews.push(await reviewFigure(place));
  }
  return [...reviews, ...(await withRepository(".github/skein.yml", planFigures))];
}

/** Of a review of 45 files with a finding each. */
export async function reviewCalls(place: SettingsPlace): Promise<readonly RecordedCall[]> {
  return withRepository(place, reviewOnce);
}

async function reviewFigure(place: SettingsPlace): Promise<Figure> {
  return {
    name: `GitHub calls of a review with ${place === null ? `${String(fewComments)} comments, no settings` : `${String(mostComments)} comments, settings in ${place}`}`,
    value: (await reviewCalls(place)).length,
    unit: "",
    target: atMost(12),
  };
}

interface Stand {
  readonly github: Github;
  /** What the step needs to reach the models where no settings say it. */
  readonly inputs: Readonly<Record<string, string>>;
  /** How many a review makes at least. */
  readonly comments: number;
}

async function withRepository<T>(
  place: SettingsPlace,
  work: (stand: Stand) => Promise<T>,
): Promise<T> {
  const servers = await Promise.all(
    ["test-anthropic", "test-openai"].map(async (key) => startModelServer({ key, reply: answer })),
  );
  const github = await startGithub();
  try {
    const [claude, router] = servers;
    if (claude === undefined || router === undefined) {
      throw new Error("two servers were started");
    }
    github.addUser("grace");
    await github.addRepository({ fullName: shop });
    github.setPermission(shop, "grace", "write");
    const text = settingsFor(claude, router);
    const files = place === null ? { "README.md": "A shop.\n" } : { [place]: text };
    await github.commit(shop, { branch: "main", files });
    const inputs = {
      "anthropic-api-key": "test-anthropic",
      "anthropic-base-url": claude.url,
      "openai-api-key": "test-openai",
      "openai-base-url": router.v1,
      "budget-usd": "9",
    };
    const done = await work(
      place === null
        ? { github, inputs, comments: fewComments }
        : { github, inputs: {}, comments: mostComments },
    );
    if (github.violations.length > 0) {
      throw new Error(`GitHub's description was broken: ${JSON.stringify(github.violations)}`);
    }
    return done;
  } finally {
    await github.close();
    await Promise.all(servers.map(async (server) => server.close()));
  }
}

async function reviewOnce({
  github,
  inputs: models,
  comments: wanted,
}: Stand): Promise<readonly RecordedCall[]> {
  // Long enough that reviewers are shown them in several parts: each brings its own candidates to the vote.
  const more = Array.from({ length: 60 }, (_, at) => `export const line${String(at)} = "kept";\n`);
  const files = Object.fromEntries(
    paths.map((path) => [path, `${quoteOf(path)}\n${more.join("")}`]),
  );
  await github.commit(shop, { branch: "topic", files });
  const draft = { title: "Parts", author: "grace", head: "topic" };
  const { number } = await github.openPull(shop, draft);
  const payload = await payloadOf(github, "grace", { action: "opened", pull: number });
  const from = github.calls.length;
  const inputs = { mode: "review", preset: "fast", ...models };
  needWell(await runStep({ github, event: "pull_request", payload, inputs, env: reviewEnv }));
  const made = callsSince(github, from);
  const comments = [...github.repository(shop).reviewComments.values()].length;
  if (comments < wanted) {
    throw new Error(`the review made ${String(comments)} comments`);
  }
  return made;
}

async function planFigures({ github }: Stand): Promise<readonly Figure[]> {
  const items = Array.from({ length: children }, (_, at) => {
    const after = at === 0 ? "" : ` (after: T${String(at)})`;
    return `- [ ] Mend number ${String(at)} of the parts (files: src/part${String(at)}.ts)${after}`;
  });
  const issue = { title: "Mend the parts", body: items.join("\n"), author: "grace" };
  const { number } = github.openIssue(shop, issue);
  const label = { name: "skein:plan" };
  const asked = await payloadOf(github, "grace", { action: "labeled", issue: number, label });
  const planned = needWell(await runStep({ github, event: "issues", payload: asked }));
  const created = await approve(github, number, planned.outputs["plan-hash"] ?? "");
  const place = await botPlace(github, null);
  const from = github.calls.length;
  await withDecomposition(aContext(), place, async (parts) => parts.sync({ issue: number }));
  return [
    {
      name: `GitHub calls for ${String(children)} parts with ${String(edges)} dependencies`,
      value: created,
      unit: "",
      target: atMost(2 * children + edges + 5),
    },
    {
      name: "GitHub calls of a sync that changes nothing",
      value: callsSince(github, from).length,
      unit: "",
      target: atMost(3),
    },
  ];
}

/** Between the two reactions with which a command is acknowledged and answered. */
async function approve(github: Github, number: number, hash: string): Promise<number> {
  const { id } = github.comment(shop, number, { author: "grace", body: `/skein approve ${hash}` });
  const answered = await fetch(`${github.url}/repos/${shop}/issues/comments/${String(id)}`, {
    headers: { authorization: `Bearer ${github.userToken("grace")}` },
  });
  const comment: unknown = await answered.json();
  const payload = await payloadOf(github, "grace", { action: "created", issue: number, comment });
  const from = github.calls.length;
  needWell(await runStep({ github, event: "issue_comment", payload }));
  const made = callsSince(github, from);
  const marks = made.flatMap(({ path }, at) => (path.endsWith("/reactions") ? [at] : []));
  const [first = 0, last = 0] = marks;
  if (github.repository(shop).issues.size < children) {
    throw new Error("the parts were not created");
  }
  return last - first - 1;
}

function needWell(end: StepEnd): StepEnd {
  if (end.code !== 0) {
    throw new Error(end.log);
  }
  return end;
}

/** Of the job; git's own are no calls of the API. */
function callsSince(github: Github, from: number): readonly RecordedCall[] {
  return github.calls
    .slice(from)
    .filter(({ as, path }) => as === "github-actions[bot]" && !path.includes(".git/"));
}

/** Each reviewer names something in what it is shown, 20 at most; all agree with each other. */
function answer({ prompt, number, format }: ModelCall): Answer {
  if (prompt.includes("Vote on each of:")) {
    const ids = [...prompt.matchAll(/\[begin candidate (c\d+) /gu)].map(([, id]) => id);
    const votes = ids.map((id) => ({ id, vote: "confirm", reason: "I read the line." }));
    return say(JSON.stringify({ votes }));
  }
  const shown = paths.filter((path) => prompt.includes(`=== ${path} (`));
  // Each of the two servers counts its own calls from 1.
  const first = format === "anthropic" ? 0 : 20;
  const start = (first + number * 17) % Math.max(1, shown.length);
  const mine = [...shown.slice(start), ...shown.slice(0, start)].slice(0, 20);
  const findings = mine.map((path) => {
    const at = `n${String(paths.indexOf(path))}`;
    return {
      path,
      line: 1,
      end_line: 1,
      severity: "high",
      category: "correctness",
      title: `Word${at}a rests${at}b upon${at}c`,
      body: `Body${at}d differs${at}e entirely.`,
      quoted: quoteOf(path),
      symbol: null,
      failing_input: at,
    };
  });
  return say(JSON.stringify({ findings }));
}
