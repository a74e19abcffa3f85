import { describe, expect, test } from "vitest";

import { SkeinError } from "../../src/core/base/errors.ts";
import { loadSettings } from "../../src/settings.ts";
import { settingsJsonSchema } from "../../src/settings/schema.ts";

const providers = `providers:
  claude: { kind: anthropic, api_key: env:ANTHROPIC_API_KEY }
models:
  sonnet: { provider: claude, id: claude-sonnet-5-5 }
`;

/** A literal key as it would be pasted, built from parts so that nothing takes it for a real one. */
const pasted = ["sk", "ant", "api03", "x".repeat(24)].join("-");

interface BadCase {
  readonly what: string;
  readonly text: string;
  readonly code: string;
  /** Line and column, from 1. */
  readonly at: readonly [number, number];
  /** What the message says of what is wrong and what is allowed. */
  readonly says: readonly string[];
}

const badCases: readonly BadCase[] = [
  {
    what: "text that is no YAML",
    text: "providers:\n  claude: { kind: anthropic\nmodels: {}\n",
    code: "SKN-2001",
    at: [3, 1],
    says: ["`}` is missing"],
  },
  {
    what: "a key written twice",
    text: "profile: staging\nprofile: production\n",
    code: "SKN-2001",
    at: [2, 1],
    says: ["stands twice"],
  },
  {
    what: "an unknown section",
    text: "provider:\n  claude: { kind: anthropic }\n",
    code: "SKN-2002",
    at: [1, 1],
    says: ["`provider` is no setting", "Did you mean"],
  },
  {
    what: "an unknown key of a provider",
    text: "providers:\n  claude: { kind: anthropic, apikey: env:X }\n",
    code: "SKN-2002",
    at: [2, 30],
    says: ["`providers.claude.apikey` is no setting", "`api_key`"],
  },
  {
    what: "an unknown kind",
    text: "providers:\n  claude: { kind: antropic, api_key: env:X }\n",
    code: "SKN-2003",
    at: [2, 19],
    says: ['"anthropic"', '"openai"', '"openai-compatible"', 'Did you mean "anthropic"?'],
  },
  {
    what: "a literal key",
    text: `providers:\n  claude: { kind: anthropic, api_key: ${pasted} }\n`,
    code: "SKN-2003",
    at: [2, 39],
    says: ["`providers.claude.api_key`", "env:NAME", "file:/path", "cmd:program", "revoke"],
  },
  {
    what: "a key through a variable",
    text: 'providers:\n  claude: { kind: anthropic, api_key: "${ANTHROPIC_API_KEY}" }\n',
    code: "SKN-2004",
    at: [2, 39],
    says: ["ANTHROPIC_API_KEY"],
  },
  {
    what: "a key in a header",
    text:
      providers +
      `  haiku:\n    provider: claude\n    id: x\n    takes: { headers: { Authorization: ${pasted} } }\n`,
    code: "SKN-2003",
    at: [8, 23],
    says: ["`models.haiku.takes.headers`", "api_key"],
  },
  {
    what: "a provider without a key",
    text: "providers:\n  claude: { kind: anthropic }\n",
    code: "SKN-2003",
    at: [2, 11],
    says: ["`providers.claude` needs an `api_key`", "env:NAME"],
  },
  {
    what: "a compatible server without an address",
    text: "providers:\n  router: { kind: openai-compatible, api_key: env:X }\n",
    code: "SKN-2003",
    at: [2, 11],
    says: ["`providers.router` needs a `base_url`"],
  },
  {
    what: "an address that is none",
    text: "providers:\n  router: { kind: openai-compatible, base_url: localhost:9000 }\n",
    code: "SKN-2003",
    at: [2, 48],
    says: ["http:// or https://"],
  },
  {
    what: "an address with a password",
    text: `providers:\n  router: { kind: openai-compatible, base_url: "https://ana:${pasted}@example.org/v1" }\n`,
    code: "SKN-2003",
    at: [2, 48],
    says: ["neither user nor password"],
  },
  {
    what: "an unknown tier",
    text: "providers:\n  claude: { kind: anthropic, api_key: env:X, tier: gold }\n",
    code: "SKN-2003",
    at: [2, 52],
    says: ['"auto"', '"free"', '"pro"', '"enterprise"'],
  },
  {
    what: "a model of an unknown provider",
    text: `${providers}  gpt: { provider: openai, id: gpt-5.5 }\n`,
    code: "SKN-2003",
    at: [5, 20],
    says: ["`models.gpt.provider` names `openai`", "`providers` does not have", "It has claude"],
  },
  {
    what: "a model without an id",
    text: `${providers}  gpt: { provider: claude }\n`,
    code: "SKN-2003",
    at: [5, 8],
    says: ["`models.gpt.id` is missing; it takes text"],
  },
  {
    what: "a weight of zero",
    text: `${providers}  gpt: { provider: claude, id: x, weight: 0 }\n`,
    code: "SKN-2003",
    at: [5, 43],
    says: ["`models.gpt.weight` takes a number from 0.001 to 100", "not 0"],
  },
  {
    what: "a price below zero",
    text: `${providers}  gpt: { provider: claude, id: x, price: { input: -1, output: 2 } }\n`,
    code: "SKN-2003",
    at: [5, 51],
    says: ["`models.gpt.price.input` takes a number from 0 to 10,000", "not -1"],
  },
  {
    what: "a price with one side",
    text: `${providers}  gpt: { provider: claude, id: x, price: { input: 1 } }\n`,
    code: "SKN-2003",
    at: [5, 42],
    says: ["`models.gpt.price.output` is missing; it takes a number"],
  },
  {
    what: "too many seats",
    text: `${providers}review: { seats: 21 }\n`,
    code: "SKN-2003",
    at: [5, 18],
    says: ["`review.seats` takes a whole number from 1 to 20, not 21"],
  },
  {
    what: "no seat",
    text: `${providers}review: { seats: 0 }\n`,
    code: "SKN-2003",
    at: [5, 18],
    says: ["`review.seats` takes a whole number from 1 to 20, not 0"],
  },
  {
    what: "too few tokens for a finding",
    text: `${providers}review: { limits: { generate_tokens: 299 } }\n`,
    code: "SKN-2003",
    at: [5, 38],
    says: ["`review.limits.generate_tokens` takes a whole number from 300 to 16,000, not 299"],
  },
  {
    what: "a token in place of a reference to it",
    text: "server: { url: https://skein.example.com, token: skn_1 }\n",
    code: "SKN-2003",
    at: [1, 50],
    says: ["`env:NAME`, `file:/path`, `cmd:program argument` or `vault:mount/path#field`"],
  },
  {
    what: "half a token for a vote",
    text: `${providers}review: { limits: { ballot_tokens: 60.5 } }\n`,
    code: "SKN-2003",
    at: [5, 36],
    says: ["`review.limits.ballot_tokens` takes a whole number from 40 to 400, not 60.5"],
  },
  {
    what: "more candidates than a ballot holds",
    text: `${providers}review:\n  limits:\n    candidates: 51\n`,
    code: "SKN-2003",
    at: [7, 17],
    says: ["`review.limits.candidates` takes a whole number from 1 to 50, not 51"],
  },
  {
    what: "a limit in words",
    text: `${providers}review: { limits: { candidates: twenty } }\n`,
    code: "SKN-2003",
    at: [5, 33],
    says: ["`review.limits.candidates` takes a whole number from 1 to 50, not text"],
  },
  {
    what: "an unknown limit",
    text: `${providers}review: { limits: { vote_tokens: 60 } }\n`,
    code: "SKN-2002",
    at: [5, 21],
    says: [
      "`review.limits.vote_tokens` is no setting",
      "generate_tokens, ballot_tokens, candidates",
    ],
  },
  {
    what: "a threshold over 100 percent",
    text: `${providers}review:\n  thresholds:\n    severity: { critical: 101 }\n`,
    code: "SKN-2003",
    at: [7, 27],
    says: ["`review.thresholds.severity.critical` takes a whole number from 0 to 100, not 101"],
  },
  {
    what: "a threshold of an unknown severity",
    text: `${providers}review: { thresholds: { severity: { urgent: 50 } } }\n`,
    code: "SKN-2002",
    at: [5, 37],
    says: ["Allowed here: critical, high, medium, low"],
  },
  {
    what: "an unknown preset",
    text: `${providers}review: { preset: strict }\n`,
    code: "SKN-2003",
    at: [5, 19],
    says: ['"critical"', '"balanced"', '"fast"', '"quick"'],
  },
  {
    what: "a panel with an unknown member",
    text: `${providers}review: { panel: [sonnet, opus] }\n`,
    code: "SKN-2003",
    at: [5, 27],
    says: ["`review.panel` names `opus`", "`models` does not have", "It has sonnet"],
  },
  {
    what: "a panel that contradicts the seats",
    text: `${providers}review: { panel: [sonnet, sonnet], seats: 3 }\n`,
    code: "SKN-2003",
    at: [5, 43],
    says: ["`review.seats` is 3", "names 2"],
  },
  {
    what: "an unknown planner",
    text: `${providers}planner: { model: opus }\n`,
    code: "SKN-2003",
    at: [5, 19],
    says: ["`planner.model` names `opus`", "It has sonnet"],
  },
  {
    what: "a chain with an unknown provider",
    text: `${providers}chains: { review: [claude, router] }\n`,
    code: "SKN-2003",
    at: [5, 28],
    says: ["`chains.review` names `router`", "It has claude"],
  },
  {
    what: "a chain of an unknown kind of work",
    text: `${providers}chains: { deploy: [claude] }\n`,
    code: "SKN-2002",
    at: [5, 11],
    says: ["`chains.deploy` is no setting", "Allowed here: review, plan"],
  },
  {
    what: "a budget below zero",
    text: "budgets: { run_usd: -0.5 }\n",
    code: "SKN-2003",
    at: [1, 21],
    says: ["`budgets.run_usd` takes a number from 0 to 1,000,000", "not -0.5"],
  },
  {
    what: "a budget finer than a millionth",
    text: "budgets: { run_usd: 0.0000001 }\n",
    code: "SKN-2003",
    at: [1, 21],
    says: ["`budgets.run_usd`", "at most 6 digits after the point"],
  },
  {
    what: "an unknown profile",
    text: "profile: prod\n",
    code: "SKN-2003",
    at: [1, 10],
    says: ['"development"', '"staging"', '"production"'],
  },
  {
    what: "a feature that is neither on nor off",
    text: "features: { failover: maybe }\n",
    code: "SKN-2003",
    at: [1, 23],
    says: ["`features.failover` takes true or false, not text"],
  },
  {
    what: "a variable that is not set",
    text: 'models:\n  m: { provider: "${PROVIDER}", id: x }\n',
    code: "SKN-2004",
    at: [2, 18],
    says: ["PROVIDER is not set"],
  },
  {
    what: "a name with a space",
    text: "providers:\n  my router: { kind: anthropic, api_key: env:X }\n",
    code: "SKN-2003",
    at: [2, 3],
    says: ["letters, digits"],
  },
];

/** One file with a fault of every sort, and where each stands. */
const allWrong = `provider: {}
profile: prod
providers:
  claude: { kind: antropic, api_key: env:X }
  router: { kind: openai-compatible }
  away: { kind: openai, api_key: env:X, base_url: "\${PLACE}" }
models:
  a: { provider: clude, id: x }
  b: { provider: claude, id: x, weight: 0, size: huge }
  c: { provider: away, id: x }
review: { panel: [a, b, d], seats: 2 }
planner: { model: e }
checks:
  test: { run: "a && b" }
  lint: { run: "a | b" }
integration: { checks: [test, tests] }
rules: { require: [{ size: {} }, { leases: , secrets: }] }
profile: prod
`;

const allFaults: readonly (readonly [number, number, string])[] = [
  [1, 1, "SKN-2002"],
  [2, 10, "SKN-2003"],
  [4, 19, "SKN-2003"],
  [5, 11, "SKN-2003"],
  [6, 51, "SKN-2004"],
  [8, 18, "SKN-2003"],
  [9, 41, "SKN-2003"],
  [9, 50, "SKN-2003"],
  [11, 25, "SKN-2003"],
  [11, 36, "SKN-2003"],
  [12, 19, "SKN-2003"],
  [14, 16, "SKN-2006"],
  [15, 16, "SKN-2006"],
  [16, 31, "SKN-2003"],
  [17, 28, "SKN-2003"],
  [17, 34, "SKN-2003"],
  [18, 1, "SKN-2001"],
];

async function faultOf(text: string): Promise<unknown> {
  return loadSettings({ root: "/nowhere", env: {}, text }).catch((error: unknown) => error);
}

describe("a bad configuration", () => {
  test.each(badCases)("names file, line, column and what is allowed: $what", async (bad) => {
    const [line, column] = bad.at;

    const fault = await faultOf(bad.text);

    expect(fault).toMatchObject({
      code: bad.code,
      facts: { file: "skein.yml", line, column },
      message: expect.stringContaining(
        `skein.yml, line ${String(line)}, column ${String(column)}: `,
      ),
    });
    for (const words of bad.says) {
      expect(String(fault)).toContain(words);
    }
  });

  test("never echoes a key that somebody pasted", async () => {
    for (const { text } of badCases.filter((bad) => bad.text.includes(pasted))) {
      const fault = await faultOf(text);

      expect(fault).toBeInstanceOf(Error);
      expect(JSON.stringify(fault, Object.getOwnPropertyNames(fault))).not.toContain(pasted);
    }
  });

  test("tells every fault of a file at once, in its order, each once", async () => {
    const fault = await faultOf(allWrong);

    expect(fault).toMatchObject({
      code: "SKN-2002",
      facts: { line: 1, column: 1, error_count: allFaults.length },
      message: expect.stringContaining(`(And ${String(allFaults.length - 1)} more.)`),
    });
    expect(errorsOf(fault).map(({ line, column, code }) => [line, column, code])).toEqual(
      allFaults,
    );
  });

  test("tells all slips of a text that is no YAML", async () => {
    const fault = await faultOf('review: { seats: 3\nprofile: "staging\n');

    expect(errorsOf(fault).length).toBeGreaterThan(1);
    expect(new Set(errorsOf(fault).map(({ code }) => code))).toEqual(new Set(["SKN-2001"]));
  });

  test("counts more faults than it lists", async () => {
    const models = Array.from({ length: 50 }, (_, at) => `  m${String(at)}: { size: huge }\n`);

    const fault = await faultOf(`models:\n${models.join("")}`);

    expect(fault).toMatchObject({ facts: { error_count: 150 } });
    expect(errorsOf(fault)).toHaveLength(20);
  });

  test("speaks of every place in words of its own, whatever stands there", async () => {
    const wrong = ["null", "[[]]", "{ x: 1 }", "1e300", "yes please", "x".repeat(5_000)];
    let told = 0;
    for (const place of placesOf(JSON.stringify(settingsJsonSchema()))) {
      for (const value of wrong) {
        const fault = await faultOf(nested(place, value));
        for (const { message } of errorsOf(fault)) {
          told += 1;
          expect(message).not.toMatch(/Invalid|expected|received|Too (?:small|big)|undefined|NaN/u);
          expect(message).not.toMatch(/``|` takes(?: or|[.,;]|$)|; it takes\.$/u);
        }
      }
    }
    expect(told).toBeGreaterThan(500);
  });
});

interface ListedFault {
  readonly line: number;
  readonly column: number;
  readonly code: string;
  readonly message: string;
}

function errorsOf(fault: unknown): readonly ListedFault[] {
  if (!(fault instanceof SkeinError)) {
    return [];
  }
  const listed: unknown = JSON.parse(JSON.stringify(fault.facts["errors"]));
  return isFaults(listed) ? listed : [];
}

function isFaults(value: unknown): value is readonly ListedFault[] {
  return Array.isArray(value) && value.every((each) => typeof each.line === "number");
}

/** The dotted place of each setting, with a name of its own where any may stand. */
function placesOf(schemaText: string): readonly string[] {
  const schema: { readonly $defs: Readonly<Record<string, SchemaPart>> } = JSON.parse(schemaText);
  const root = Object.values(schema.$defs)[0];
  const all = root === undefined ? [] : placesIn(root, []).map((place) => place.join("."));
  return [...new Set(all)].filter((place) => place !== "");
}

interface SchemaPart {
  readonly properties?: Readonly<Record<string, SchemaPart>>;
  readonly additionalProperties?: SchemaPart | false;
  readonly items?: SchemaPart;
  readonly anyOf?: readonly SchemaPart[];
}

function placesIn(part: SchemaPart, place: readonly string[]): readonly (readonly string[])[] {
  const { properties = {}, additionalProperties: more = false, items, anyOf = [] } = part;
  return [
    place,
    ...Object.entries(properties).flatMap(([key, each]) => placesIn(each, [...place, key])),
    ...(more === false ? [] : placesIn(more, [...place, "own"])),
    ...(items === undefined ? [] : placesIn(items, [...place, "[]"])),
    ...anyOf.flatMap((each) => placesIn(each, place)),
  ];
}

function nested(place: string, value: string): string {
  return place
    .split(".")
    .reduceRight((inner, key) => (key === "[]" ? `[ ${inner} ]` : `{ ${key}: ${inner} }`), value);
}
