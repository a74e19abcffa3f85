import { expect, test } from "vitest";
import { tally } from "../../src/core/review/vote/tally.ts";
import type { CastVote, Tally } from "../../src/core/review/vote/tally.ts";
import type { Seat } from "../../src/core/review/index.ts";
import { aCluster, seatsOf } from "../support/reviewers.ts";

/** What a voter can do; `garbage` is an answer nobody can read, `again` a rediscovery without a vote of its own. */
const acts = ["confirm", "reject", "abstain", "garbage", "again"] as const;
type Act = (typeof acts)[number];

const thresholds = [0, 50, 60, 70, 100];

/** All words of a length over an alphabet. */
function* words<T>(alphabet: readonly T[], length: number): Generator<readonly T[]> {
  if (length === 0) {
    yield [];
    return;
  }
  for (const word of words(alphabet, length - 1)) {
    for (const letter of alphabet) {
      yield [...word, letter];
    }
  }
}

interface Table {
  readonly seats: readonly Seat[];
  readonly table: readonly Act[];
  readonly threshold: number;
}

function count({ seats, table, threshold }: Table): Tally {
  const cluster = aCluster([
    1,
    ...table.flatMap((act, index) => (act === "again" ? [index + 2] : [])),
  ]);
  const votes = table.flatMap((act, index): readonly CastVote[] =>
    act === "garbage" || act === "again" ? [] : [{ seat: index + 2, vote: act, reason: "" }],
  );
  return tally({ cluster, seats, votes, threshold, mode: "vote" });
}

const weights = [1_500, 1_000, 700];

/** All tables of a panel: who is of the proposer's family, who does what; weights go round. */
function* tables(size: number, alphabet: readonly Act[]): Generator<Omit<Table, "threshold">> {
  for (const families of words(["own", "other"], size - 1)) {
    const seats = seatsOf(["own", ...families]).map((seat) => ({
      ...seat,
      weight: weights[seat.number % weights.length] ?? 0,
    }));
    for (const table of words(alphabet, size - 1)) {
      yield { seats, table };
    }
  }
}

const shown = new Set<Tally["decision"]>(["published", "single-family", "advisory"]);

/** Quorum as the rule says it, counted without the tally. */
function hasQuorum({ seats, table }: Omit<Table, "threshold">): boolean {
  const isOther = (index: number): boolean => seats[index + 1]?.model.family === "other";
  const cast = table.flatMap((act, index) =>
    act === "confirm" || act === "reject" || (act === "again" && isOther(index)) ? [index] : [],
  );
  return cast.length >= 2 && (cast.some(isOther) || !table.some((_, index) => isOther(index)));
}

function check(found: Omit<Table, "threshold">, threshold: number): void {
  const result = count({ ...found, threshold });
  if (shown.has(result.decision) && !hasQuorum(found)) {
    throw new Error(`published below quorum: ${JSON.stringify(found.table)}`);
  }
  if (!shown.has(result.decision)) {
    return;
  }
  const confirms = result.ballots.filter(({ vote }) => vote === "confirm").length;
  if (confirms === 0 || (result.decision === "published" && confirms === 1)) {
    throw new Error(`published by too few confirms: ${JSON.stringify(found.table)}`);
  }
  for (const [index, act] of found.table.entries()) {
    if (act === "confirm") {
      continue;
    }
    const table = found.table.with(index, "confirm");
    if (!shown.has(count({ ...found, table, threshold }).decision)) {
      throw new Error(
        `one more confirm unpublished: ${JSON.stringify(found.table)} seat ${String(index + 2)}`,
      );
    }
  }
}

function checkAll(size: number, alphabet: readonly Act[]): number {
  let checked = 0;
  for (const found of tables(size, alphabet)) {
    for (const threshold of thresholds) {
      check(found, threshold);
      checked += 1;
    }
  }
  return checked;
}

test.each([1, 2, 3, 4, 5])(
  "all tables of %i reviewers: none published below quorum, none unpublished by a confirm",
  (size) => {
    expect(checkAll(size, acts)).toBe(thresholds.length * 10 ** (size - 1));
  },
);

test.each([6, 7])(
  "all votes of %i reviewers keep the same",
  (size) => {
    expect(checkAll(size, ["confirm", "reject", "garbage"])).toBe(
      thresholds.length * 6 ** (size - 1),
    );
  },
  60_000,
);

test("garbage never counts as confirm: in its place nothing but an abstention stands", () => {
  for (const found of tables(4, acts)) {
    const { ballots } = count({ ...found, threshold: 60 });
    for (const [index, act] of found.table.entries()) {
      if (act === "garbage") {
        expect(ballots[index]?.vote).toBe("abstain");
      }
    }
  }
});

test("no single ballot publishes anything", () => {
  for (const size of [2, 3, 4, 5, 6, 7]) {
    for (const found of tables(size, ["confirm", "garbage"])) {
      if (found.table.filter((act) => act === "confirm").length === 1) {
        expect(count({ ...found, threshold: 0 }).decision).toBe("unconfirmed");
      }
    }
  }
});
