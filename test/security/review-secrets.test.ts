import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";

import { removeRepositories } from "../adapters/git/repositories.ts";
import type { CommandLine } from "../cli/command-line.ts";
import { say, startModelServer } from "../support/model-servers/index.ts";
import type { ModelCall, ModelServer } from "../support/model-servers/index.ts";
import { aBranchToReview, bug, settingsFor } from "../support/review-stand.ts";

const servers: ModelServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
afterAll(removeRepositories);

/** Made of parts: scanners would take it for a secret. */
const key = ["k9Qz", "Tw4v", "R2mX", "8pLs", "Yd7N", "b3Hc", "J6fG", "u5Ea"].join("");
const half = key.length / 2;
const env = { ANTHROPIC_TEST: key, OPENAI_TEST: key };

/** Each way in which a model may say a secret; what must not be left of it is what stands in `tell`. */
const ways: Readonly<Record<string, { readonly tell: readonly string[]; readonly said: Said }>> = {
  plain: { tell: [key], said: inBody(key) },
  reversed: { tell: [turned(key)], said: inBody(turned(key)) },
  base64: { tell: [base64(key)], said: inBody(base64(key)) },
  "inside of a longer base64": {
    tell: [base64(`key=${key};`).slice(7, -6)],
    said: inBody(base64(`key=${key};`)),
  },
  hex: { tell: [hex(key)], said: inBody(hex(key)) },
  "with its end cut off": { tell: [key.slice(0, 24)], said: inBody(key.slice(0, 24)) },
  "in pieces": { tell: [key], said: inBody(key.match(/.{4}/gu)?.join('" + "') ?? "") },
  "with zero-width characters": { tell: [key], said: inBody(Array.from(key).join("\u200B")) },
  "half in the title, half in the body": {
    tell: [key.slice(0, half), key.slice(half)],
    said: { title: `It is ${key.slice(0, half)}`, body: `${key.slice(half)} is the rest.` },
  },
  "in the quoted code": { tell: [key], said: { quoted: `const key = "${key}";` } },
  "as a path": { tell: [key], said: { path: `src/${key}.ts` } },
  "as a symbol and an input": { tell: [key], said: { symbol: key, failing_input: key } },
};

/** Fields of a finding. */
type Said = Readonly<Record<string, unknown>>;

function inBody(text: string): Said {
  return { body: `The key is ${text} indeed.` };
}

function turned(text: string): string {
  return Array.from(text).toReversed().join("");
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64").replaceAll("=", "");
}

function hex(text: string): string {
  return Buffer.from(text).toString("hex");
}

/** A model that tells its provider's key, in findings and in the reasons of its votes. */
function echoing(said: Said, write: (value: object) => string): (call: ModelCall) => object {
  return ({ prompt }) => {
    if (!prompt.includes("Vote on each of:")) {
      return say(write({ findings: [{ ...bug, ...said }] }));
    }
    // A half alone is not told; that is a known limit.
    const reason = said["title"] === undefined ? (said["body"] ?? key) : "I read it.";
    const votes = [...prompt.matchAll(/\[begin candidate (c\d+) /gu)].map(([, id]) => ({
      id,
      vote: "confirm",
      reason,
    }));
    return say(write({ votes }));
  };
}

/** Every letter and digit as a number, as JSON allows; and one brace too few, so that the text itself is read. */
function escapedAndCutOff(value: object): string {
  return JSON.stringify(value)
    .replaceAll(/(?<=[A-Za-z\d])[A-Za-z\d](?=[A-Za-z\d])/gu, (letter) => {
      const code = letter.charCodeAt(0).toString(16).padStart(4, "0");
      return String.raw`\u${code}`;
    })
    .replaceAll(/"([a-z_\\u\d]+)":/gu, (whole) => whole.replaceAll(/\\u00(..)/gu, unescaped))
    .slice(0, -1);
}

function unescaped(_whole: string, code: string): string {
  return String.fromCodePoint(Number.parseInt(code, 16));
}

async function reviewedBy(said: Said, write: (value: object) => string): Promise<CommandLine> {
  const answer = echoing(said, write);
  const reply = (call: ModelCall): ReturnType<typeof say> => ({ ...say(""), ...answer(call) });
  const server = await startModelServer({ key, reply });
  servers.push(server);
  const line = aBranchToReview(settingsFor(server, server));
  const { code, err } = await line.skein(`review --preset balanced --record ${cassette} --json`, {
    env,
  });
  expect([0, 20], err).toContain(code);
  return line;
}

const cassette = ".git/answers.jsonl";

/** All that a person, a program or a later command can get to see of it. */
async function outputsOf(line: CommandLine): Promise<Readonly<Record<string, string>>> {
  const store = join(line.repository.root, ".git/skein");
  const kept = readdirSync(store).filter((name) => /^skein\.db(?:-wal)?$/u.test(name));
  const show = async (words: string): Promise<string> =>
    (await line.skein(`review show R1 ${words}`.trim())).out;
  return {
    json: await show("--json"),
    sarif: await show("--sarif"),
    markdown: await show("--markdown"),
    terminal: await show(""),
    cassette: readFileSync(join(line.repository.root, cassette), "utf8"),
    store: kept.map((name) => readFileSync(join(store, name), "latin1")).join("\n"),
  };
}

/** Letters and digits, after what JSON writes as numbers was read. */
function squeezed(text: string): string {
  return text.replaceAll(/\\u00(..)/gu, unescaped).replaceAll(/\\u....|[^A-Za-z\d]/gu, "");
}

describe("T9: a secret does not come back out", () => {
  test.each(Object.keys(ways))("of a model that says it %s", async (name) => {
    const { tell = [], said = {} } = ways[name] ?? {};
    const outputs = await outputsOf(await reviewedBy(said, (value) => JSON.stringify(value)));

    expect(outputs["json"]).toContain("[redacted:known-value]");
    for (const [output, text] of Object.entries(outputs)) {
      for (const secret of tell) {
        expect(squeezed(text).includes(squeezed(secret)), `${output}: ${secret}`).toBe(false);
      }
    }
  });

  test("of a cassette, which gives the same review again all the same", async () => {
    const line = await reviewedBy(inBody(key), (value) => JSON.stringify(value));
    const { out } = await line.skein(`review --preset balanced --replay ${cassette} --json`, {
      env,
    });
    const [again, first]: { findings: unknown }[] = [
      out,
      (await outputsOf(line))["json"] ?? "",
    ].map((text) => JSON.parse(text));

    expect(again?.findings).toMatchObject([
      { body: expect.stringContaining("[redacted:known-value]") },
    ]);
    expect(JSON.stringify(again?.findings)).toBe(
      JSON.stringify(first?.findings).replace('"state":"new"', '"state":"open"'),
    );
  });

  test("of an answer that is cut off and writes its letters as numbers", async () => {
    const outputs = await outputsOf(await reviewedBy(inBody(key), escapedAndCutOff));

    expect(outputs["json"]).toContain("[redacted:known-value]");
    for (const [output, text] of Object.entries(outputs)) {
      expect(squeezed(text).includes(key), output).toBe(false);
    }
  });
});
