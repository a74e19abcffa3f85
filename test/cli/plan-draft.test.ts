import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { removeRepositories } from "../adapters/git/repositories.ts";
import { aReply, aReplyTask, files, issueText } from "../core/planner/builders.ts";
import { fail, say, startModelServer } from "../support/model-servers/index.ts";
import type { Answer, ModelCall, ModelServer } from "../support/model-servers/index.ts";
import {
  callMicroUsd,
  git,
  reviewEnv,
  settingsFor,
  usage,
  write,
} from "../support/review-stand.ts";
import { aCommandLine } from "./command-line.ts";
import type { CommandLine } from "./command-line.ts";

const servers: ModelServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
afterAll(removeRepositories);

const source = Object.fromEntries(files.map((path) => [path, "export {};\n"]));

interface Stand {
  readonly line: CommandLine;
  readonly anthropic: ModelServer;
  readonly openai: ModelServer;
}

/** A repository whose planner is behind an Anthropic server and whose cheap model is behind an OpenAI one. */
async function stand(
  reply: (call: ModelCall) => Answer,
  more = "",
  change = (settings: string): string => settings,
): Promise<Stand> {
  const anthropic = await startModelServer({ key: "test-anthropic", reply });
  const openai = await startModelServer({ key: "test-openai", reply });
  servers.push(anthropic, openai);
  const settings = change(settingsFor(anthropic, openai, `planner: { model: big }\n${more}`));
  return { line: aCommandLine({ ...source, "skein.yml": settings }), anthropic, openai };
}

type Printed = Readonly<Record<string, unknown>>;

async function printed(line: CommandLine, words: readonly string[]): Promise<Printed> {
  const { out, err } = await line.skein([...words, "--json"], { env: reviewEnv });
  const parsed: Printed = JSON.parse(out === "" ? err : out);
  return parsed;
}

/** One field of what was printed. */
function pick(whole: unknown, key: string): Printed {
  const fields: Printed = Object.fromEntries(Object.entries(whole ?? {}));
  return { [key]: fields[key] };
}

const rules = { scope: ["src/price/**"], new_paths: [] };
const cart = { scope: ["src/cart.ts"], new_paths: [] };
const good = aReply([
  aReplyTask("rules", {
    ...rules,
    validate: ["npm test -- price"],
    operations: [
      {
        path: "src/price/rules.ts",
        action: "edit",
        start_line: 10,
        end_line: 40,
        form: "intent",
        text: "Look the rate up by country.",
      },
    ],
  }),
  aReplyTask("cart", { ...cart, depends_on: ["rules"], accept: ["11.90 EUR is shown"] }),
]);

/** Plans the part that it is asked about as one task. */
function planPart({ prompt }: ModelCall): Answer {
  const part = /^\[begin parts [^\n]*\n([a-z-]+): /mu.exec(prompt)?.[1] ?? "none";
  const path = `src/${part}/`;
  const task = { title: `Fold the ${part}`, scope: [path], new_paths: [path] };
  return say(aReply([aReplyTask("fold", task)]), { usage });
}

describe("skein plan draft", () => {
  test("reads an issue's checklist without any key, and approves it", async () => {
    const line = aCommandLine({ ...source, "issue.md": issueText("checkout-tax") });
    const { code, out } = await line.skein("plan draft --issue issue.md");
    const hash = /plan approve ([0-9a-f]+)/u.exec(out)?.[1] ?? "";

    expect(code).toBe(0);
    expect(out).toContain("Critical path: T1 -> T2 (70 min). At most 2 at once.");
    expect(out).toContain("no model was asked");
    expect(await line.json(`plan approve ${hash}`)).toMatchObject({
      plan: "issue",
      created: ["T1", "T2", "T3", "T4"],
    });
  });

  test("says where what a task comes after is no name of a task", async () => {
    const list =
      "- [ ] Round half even (files: src/cart.ts)\n- [ ] Document it (after: the-rounding)\n";
    const line = aCommandLine({ ...source, "issue.md": list });

    const { out } = await line.skein("plan draft --issue issue.md");

    expect(out).toMatch(/Note: T2: what .* says it comes after is no task's name, as T1 or #1/u);
  });

  test("plans a goal with a model, counted to the micro-dollar, and prints the whole spec", async () => {
    const { line, anthropic } = await stand(() => say(good, { usage }));
    const result = await printed(line, ["plan", "draft", "Show gross prices"]);

    expect(result).toMatchObject({
      origin: "model",
      plan: "show-gross-prices",
      critical_path: ["rules", "cart"],
      parallel_width: 1,
      cost: { calls: 1, usd: callMicroUsd / 1e6 },
      estimate: { minutes: 60, usd: (30_000 * 2 + 16_000 * 10) / 1e6 },
    });
    expect(result).toMatchObject({
      tasks: [
        {
          id: "rules",
          size: "M",
          usd: (15_000 * 2 + 8_000 * 10) / 1e6,
          validate: ["npm test -- price"],
          operations: [{ path: "src/price/rules.ts", start_line: 10, end_line: 40 }],
        },
        { id: "cart", accept: ["11.90 EUR is shown"], depends_on: ["rules"] },
      ],
    });
    expect(anthropic.calls[0]?.prompt).toContain("src/price/round.ts");
    const { out } = await line.skein("plan draft Prices", { env: reviewEnv });
    expect(out).toMatch(/^Drafted by a model: 1 call, 0\.\d+ USD\.$/mu);
  });

  test("tells the cost as the ledger has it, also where no provider told a usage", async () => {
    const { line } = await stand(() => say(good, { usage: null }));
    const { cost } = await printed(line, ["plan", "draft", "Show gross prices"]);
    const { total } = await line.json("cost --by run");

    expect(cost).toMatchObject({ calls: 1, usd: expect.any(Number) });
    expect(cost).not.toMatchObject({ usd: 0 });
    expect(total).toMatchObject({ spends: 1, ...pick(cost, "usd"), ...pick(cost, "input_tokens") });
  });

  test("puts operations and commands into the task's spec, where agents read them", async () => {
    const { line } = await stand(() => say(good, { usage }));
    const { hash } = await printed(line, ["plan", "draft", "Show gross prices"]);
    await printed(line, ["plan", "approve", String(hash)]);
    const { out } = await line.skein("plan export show-gross-prices");

    expect(out).toContain("- edit `src/price/rules.ts:10-40`: Look the rate up by country.");
    expect(out).toContain("- `npm test -- price`");
  });

  test("has a circle and an overlap mended by the model, through the provider's own interface", async () => {
    const answers = [
      aReply([
        aReplyTask("rules", { ...rules, depends_on: ["cart"] }),
        aReplyTask("cart", { ...cart, depends_on: ["rules"] }),
        aReplyTask("round", { scope: ["src/price/round.ts"], new_paths: [] }),
      ]),
      aReply([
        aReplyTask("rules", rules),
        aReplyTask("cart", { ...cart, depends_on: ["rules"] }),
        aReplyTask("round", { scope: ["src/price/round.ts"], new_paths: [] }),
      ]),
      good,
    ];
    const { line, anthropic } = await stand(({ number }) =>
      say(answers[number - 1] ?? "", { usage }),
    );
    const result = await printed(line, ["plan", "draft", "Show gross prices"]);

    expect(result).toMatchObject({ repairs: 2, cost: { calls: 3, usd: (3 * callMicroUsd) / 1e6 } });
    expect(anthropic.calls[1]?.prompt).toContain("rules -> cart -> rules");
    expect(anthropic.calls[2]?.prompt).toContain("share paths");
  });

  test("asks cheap planners for the parts of a large goal", async () => {
    const { line, anthropic, openai } = await stand(planPart);
    write(line.repository.root, "search.md", issueText("search-rewrite"));
    const result = await printed(line, ["plan", "draft", "--spec", "search.md"]);

    expect(result).toMatchObject({ planners: 4, parallel_width: 4 });
    expect(anthropic.calls).toEqual([]);
    expect(openai.calls.map(({ model }) => model)).toEqual(Array(4).fill("qwen-small"));
  });

  test.each([
    [
      "the cheapest, whatever its size",
      /(id: qwen-mid.*?input: )2, output: 10/u,
      "$10.2, output: 1",
      "qwen-mid",
    ],
    ["none without a price", /(id: qwen-small.*?), price: [^}]*\}/u, "$1", "gpt-mid"],
  ])("asks %s for the parts of a large goal", async (...[, from, to, asked]) => {
    const { line, openai } = await stand(planPart, "", (settings) => settings.replace(from, to));
    write(line.repository.root, "search.md", issueText("search-rewrite"));
    const result = await printed(line, ["plan", "draft", "--spec", "search.md"]);

    expect(result).toMatchObject({ planners: 4 });
    expect(openai.calls.map(({ model }) => model)).toEqual(Array(4).fill(asked));
  });

  test("refuses a hash whose base has moved, and one whose file has changed", async () => {
    const line = aCommandLine({ ...source, "issue.md": issueText("checkout-tax") });
    const { root } = line.repository;
    const { hash } = await line.json("plan draft --issue issue.md");
    appendFileSync(join(root, "issue.md"), "\n- [ ] One more\n");
    const changed = await line.skein(`plan approve ${String(hash)}`);
    git(root, ["commit", "-q", "-am", "More"]);
    const moved = await line.skein(`plan approve ${String(hash)}`);

    expect(changed).toMatchObject({ code: 5, err: expect.stringContaining("has changed since") });
    expect(moved).toMatchObject({ code: 5, err: expect.stringContaining("was made on") });
  });

  test("tells whoever waits for a rate limit", async () => {
    const server = await startModelServer({ reply: () => say("no plan", { usage }) });
    servers.push(server);
    const settings = settingsFor(server, server, "planner: { model: big }\n").replace(
      "kind: anthropic,",
      "kind: anthropic, requests_per_minute: 1,",
    );
    const line = aCommandLine({ ...source, "skein.yml": settings });
    const stop = new AbortController();
    const { err } = await line.skein(["plan", "draft", "Show gross prices"], {
      env: reviewEnv,
      signal: stop.signal,
      onWarn: () => stop.abort(),
    });

    expect(err).toContain("Calls of big waited for its rate limit.");
    expect(server.calls).toHaveLength(1);
  });

  test("stops before the call that a budget does not hold", async () => {
    const { line, anthropic } = await stand(() => say(good), "budgets: { run_usd: 0.001 }\n");
    const { code, err } = await line.skein("plan draft something", { env: reviewEnv });

    expect(code).toBe(7);
    expect(err).toContain("SKN-6751");
    expect(anthropic.calls).toEqual([]);
  });

  test.each([
    ["plan draft", 2, "SKN-1841"],
    ["plan draft a --issue README.md", 2, "SKN-1841"],
    ["plan draft --spec nowhere.md", 2, "SKN-1008"],
    ["plan draft a goal without a model", 3, "SKN-2841"],
    ["plan draft --spec README.md --by reader", 2, "SKN-1843"],
    ["plan approve 0123456789", 6, "SKN-5841"],
    ["plan approve nonsense", 2, "SKN-1844"],
  ])("answers `%s` with %i and %s", async (words, code, name) => {
    const line = aCommandLine({ ...source, "issue.md": issueText("checkout-tax") });
    await line.skein("plan draft --issue issue.md");
    const outcome = await line.skein(words);

    expect([outcome.code, outcome.err]).toEqual([code, expect.stringContaining(name)]);
  });

  test("tells that a key is wrong", async () => {
    const { line } = await stand(() => fail(401));
    const { code, err } = await line.skein("plan draft something", { env: reviewEnv });

    expect([code, err]).toEqual([4, expect.stringContaining("SKN-3751")]);
  });
});
