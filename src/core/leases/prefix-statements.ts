import { endingKeys } from "./reach.ts";

/** At how many prefixes one statement looks: what is missing is filled up with `noPrefix`. */
export type PrefixCount = 4 | 16;

/** Stands for none: nothing is indexed under it, since no pattern ends with a slash. */
export const noPrefix = "//";

/** The statements that look rows up by their prefix in one table. */
export interface PrefixSql {
  /** Parameters: for each prefix the project and itself. */
  readonly at: Readonly<Record<PrefixCount, string>>;
  /** At up to four prefixes and below one, which is what most requests need. The four must not lie in the range. */
  readonly around: AroundSql;
  /** Below so many prefixes, of which none lies below another. Parameters: for each the project and its two bounds. */
  readonly below: (count: number) => string;
  /** The same, and everything that stands under an ending. Parameters: the project once more. */
  readonly belowOrEnding: (count: number) => string;
  /** Everything below the root. */
  readonly belowRoot: string;
}

export interface AroundSql {
  readonly exact: string;
  /** Reads all that stands under an ending, too. */
  readonly orEnding: string;
}

/**
 * Makes them of a `SELECT .. FROM ..` of a table with a key of project and prefix. There is a look of its own for each prefix and range: with a list of
 * them PostgreSQL may read the whole project, and SQLite takes a third longer for four.
 */
export function byPrefix(select: string): PrefixSql {
  const at = `${select} WHERE project = ? AND prefix = ?`;
  const below = `${select} WHERE project = ? AND prefix >= ? AND prefix < ?`;
  const ending = `${select} WHERE project = ? AND prefix >= '${endingKeys.from}' AND prefix < '${endingKeys.to}'`;
  const four = allOf(times(at, 4));
  return {
    at: { 4: four, 16: allOf(times(at, 16)) },
    around: { exact: allOf([four, below]), orEnding: allOf([four, below, ending]) },
    below: forEachCount((count) => allOf(times(below, count))),
    belowOrEnding: forEachCount((count) => allOf([...times(below, count), ending])),
    belowRoot: `${select} WHERE project = ? AND prefix > ''`,
  };
}

function allOf(looks: readonly string[]): string {
  return looks.join(" UNION ALL ");
}

function times(look: string, count: number): readonly string[] {
  return Array.from({ length: count }, () => look);
}

/** Each count has one text for ever. */
function forEachCount(make: (count: number) => string): (count: number) => string {
  const texts: string[] = [];
  return (count) => {
    texts[count] ??= make(count);
    return texts[count];
  };
}
