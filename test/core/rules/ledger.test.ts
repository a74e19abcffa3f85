import { describe, expect, test } from "vitest";
import {
  ledgerText,
  maxLedgerBytes,
  parseLedger,
  withPublication,
} from "../../../src/core/rules/index.ts";
import type { Ledger } from "../../../src/core/rules/index.ts";
import { aLease, aLedger, aPublication, aTask, dayMs, nowMs } from "../../support/rules.ts";

const whole: Ledger = {
  source: "published",
  publications: [
    aPublication({
      caseInsensitive: true,
      leases: [
        aLease("src/[id].ts", {
          task: "prices/T1",
          branch: "fix/y",
          reason: "rework",
          ancestors: ["s9"],
        }),
        aLease("", {
          id: "L2",
          mode: "shared",
          untilMs: null,
          patterns: [
            { kind: "dir", text: "" },
            { kind: "glob", text: "src/{a,b}/**" },
          ],
        }),
      ],
      tasks: [
        aTask({ accepted: [3, 4], scope: [{ kind: "dir", text: "src" }] }),
        aTask({ task: "p/T2", fence: null, session: null }),
      ],
    }),
    aPublication({ publisher: "otherclone", repository: null }),
  ],
};

/** The file as an object, to be bent. */
function file(): { publications: Record<string, unknown>[]; [key: string]: unknown } {
  return JSON.parse(ledgerText(whole));
}

function firstLease(bent: ReturnType<typeof file>): object {
  const leases: unknown = bent.publications[0]?.["leases"];
  return Array.isArray(leases) ? leases[0] : {};
}

describe("parseLedger", () => {
  test("reads what ledgerText writes", () => {
    expect(parseLedger(ledgerText(whole))).toEqual(whole);
  });

  test("passes over fields that it does not know", () => {
    const { publications, ...rest } = file();
    const odd = {
      ...rest,
      mood: 1,
      publications: publications.map((each) => ({ ...each, more: {} })),
    };

    expect(parseLedger(JSON.stringify(odd))).toEqual(whole);
  });

  test.each([
    ["no JSON", "{", "SKN-0931"],
    ["a list", "[]", "SKN-0931"],
    ["no version", "{}", "SKN-0931"],
    ["an odd version", '{"schema_version":"1"}', "SKN-0931"],
    ["a newer version", '{"schema_version":2,"publications":[]}', "SKN-2931"],
    ["more than 1 MiB", " ".repeat(maxLedgerBytes + 1), "SKN-0931"],
  ])("refuses %s", (_what, text, code) => {
    expect(() => parseLedger(text)).toThrow(expect.objectContaining({ code }));
  });

  test.each<readonly [string, Record<string, unknown>]>([
    ["no session", { session: undefined }],
    ["a session that is no name", { session: "s1 or\nanybody" }],
    ["no fence", { fence: -1 }],
    ["an odd mode", { mode: "mine" }],
    ["no pattern", { patterns: [] }],
    ["a pattern that leads out", { patterns: [{ kind: "literal", text: "../x" }] }],
    ["a glob that cannot be read", { patterns: [{ kind: "glob", text: "{a" }] }],
    ["a pattern of an odd kind", { patterns: [{ kind: "regex", text: "a" }] }],
    ["an end that is no time", { until: "tomorrow" }],
    ["an end that is a number", { until: 5 }],
  ])("leaves a lease out and counts it that has %s", (_what, odd) => {
    const bent = file();
    bent.publications[0] = { ...bent.publications[0], leases: [{ ...firstLease(bent), ...odd }] };
    const [publication] = parseLedger(JSON.stringify(bent)).publications;

    expect(publication).toMatchObject({ leases: [], omitted: 1 });
  });

  test("cuts and cleans words, and takes nothing out of names that code goes by", () => {
    const bent = file();
    const reason = `\u{202e}<b>${"x".repeat(500)}\n\u{1b}[31m`;
    bent.publications[0] = {
      ...bent.publications[0],
      leases: [{ ...firstLease(bent), reason, name: "\u{200b}" }],
    };
    const [lease] = parseLedger(JSON.stringify(bent)).publications[0]?.leases ?? [];

    expect(lease?.reason).toBe(`<b>${"x".repeat(117)}`);
    expect(lease?.name).toBe("s1");
  });

  test("reads no more than some entries of each", () => {
    const bent = file();
    const lease = firstLease(bent);
    const leases = Array.from({ length: 2_100 }, (_, index) => ({
      ...lease,
      id: `L${String(index)}`,
      patterns: [{ kind: "literal", text: "a" }],
      reason: "",
      branch: null,
    }));
    bent.publications[0] = { ...bent.publications[0], leases, tasks: [] };

    expect(parseLedger(JSON.stringify(bent)).publications[0]).toMatchObject({ omitted: 100 });
  });
});

describe("withPublication", () => {
  const own = aPublication({ leases: [aLease("src/a.ts")], publishedAtMs: nowMs });
  const before = aLedger({ ...own, publishedAtMs: nowMs - 60_000, headSeq: 99 });

  test("is null where the same was said some minutes ago, whatever else happened in the project", () => {
    expect(withPublication(before, own)).toBeNull();
  });

  test("says the same again after a quarter of an hour, so that its age is true", () => {
    const later = { ...own, publishedAtMs: nowMs + 14 * 60_000 };

    expect(withPublication(before, later)?.publications).toEqual([later]);
  });

  test("says the same again at once where it was said by a clock that ran ahead", () => {
    const ahead = { ...before, publications: [{ ...own, publishedAtMs: nowMs + dayMs }] };

    expect(withPublication(ahead, own)?.publications).toEqual([own]);
  });

  test("keeps no place for what is dated more than a week ahead", () => {
    const odd = aPublication({ publisher: "fromtomorrow", publishedAtMs: nowMs + 8 * dayMs });
    const ledger = { ...before, publications: [odd] };

    expect(withPublication(ledger, own)?.publications).toEqual([own]);
  });

  test("replaces its own and keeps what other clones said, for a week", () => {
    const changed = { ...own, leases: [] };
    const other = aPublication({ publisher: "otherclone", publishedAtMs: nowMs - 6 * dayMs });
    const gone = aPublication({ publisher: "gonelongago", publishedAtMs: nowMs - 7 * dayMs });
    const ledger = { ...before, publications: [gone, other, ...before.publications] };

    expect(withPublication(ledger, changed)?.publications).toEqual([changed, other]);
    expect(withPublication(null, own)?.publications).toEqual([own]);
  });
});

function wideLease(index: number) {
  return aLease(`src/${"x".repeat(300)}/${String(index)}.ts`, { id: `L${String(index)}` });
}

describe("ledgerText", () => {
  test("stays within its size, gives up others first, then tasks, and counts what it left out", () => {
    const leases = Array.from({ length: 1_000 }, (_, index) => wideLease(index));
    const tasks = Array.from({ length: 4_000 }, (_, index) =>
      aTask({ task: `p/T${String(index)}` }),
    );
    const other = aPublication({ publisher: "otherclone", leases: [wideLease(1)], omitted: 2 });
    const text = ledgerText({
      source: "published",
      publications: [aPublication({ leases, tasks }), other],
    });
    const { publications } = parseLedger(text);

    expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(maxLedgerBytes);
    expect(publications).toHaveLength(1);
    expect(publications[0]?.leases).toHaveLength(1_000);
    expect(publications[0]?.tasks.length).toBeGreaterThan(500);
    expect((publications[0]?.tasks.length ?? 0) + (publications[0]?.omitted ?? 0)).toBe(4_003);
  });
});
