/**
 * An oracle for path patterns that shares nothing with the product: random patterns are made as trees, from which both the text and a
 * regular expression follow; whether two meet is found by trying every path of a small world.
 */
export interface OraclePattern {
  /** As a person would write it; Unicode in NFC or NFD. */
  readonly text: string;
  readonly matches: (path: string) => boolean;
}

export type Dice = (sides: number) => number;

/** A dice that falls the same for the same seed (xorshift). */
export function createDice(seed: number): Dice {
  let state = (seed * 2_654_435_761 + 1) | 0 || 1;
  return (sides) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % sides;
  };
}

interface Part {
  readonly text: string;
  readonly regex: string;
}

/** Makes a random pattern of up to three segments over a, b, A and é. */
export function randomPattern(dice: Dice, caseInsensitive: boolean): OraclePattern {
  const kind = dice(8);
  if (dice(200) === 0) {
    return { text: ".", matches: () => true };
  }
  const path = kind < 2 ? literalPath(dice) : globPath(dice);
  const { text, regex } = kind === 1 ? below(path) : path;
  const compiled = new RegExp(`^(?:${regex})$`, caseInsensitive ? "iu" : "u");
  const written = dice(2) === 0 ? text.normalize("NFD") : text;
  return {
    text: dice(4) === 0 ? `./${written}` : written,
    matches: (path_) => compiled.test(`${path_}/`),
  };
}

/** Every path of the small world: long names on few levels, short names on many. */
export function allPaths(): readonly string[] {
  const long = words(["a", "b", "A"], 4);
  const short = ["a", "b", "ab", "é", "É", "ba"];
  return [
    ...new Set([
      ...deep(
        long.filter((word) => word.length < 3),
        2,
      ),
      ...long,
      ...deep(short, 4),
    ]),
  ];
}

function words(letters: readonly string[], longest: number): readonly string[] {
  const found = [...letters];
  for (let length = 2; length <= longest; length += 1) {
    const previous = found.filter((word) => word.length === length - 1);
    found.push(...previous.flatMap((word) => letters.map((last) => word + last)));
  }
  return found;
}

function deep(names: readonly string[], deepest: number): readonly string[] {
  let level = names;
  const found = [...names];
  for (let depth = 2; depth <= deepest; depth += 1) {
    level = level.flatMap((path) => names.map((name) => `${path}/${name}`));
    found.push(...level);
  }
  return found;
}

function below({ text, regex }: Part): Part {
  return { text: `${text}/`, regex: `${regex}(?:[^/]+/)*` };
}

function literalPath(dice: Dice): Part {
  return joined(
    Array.from({ length: 1 + dice(3) }, () => {
      const name = Array.from({ length: 1 + dice(2) }, () => letter(dice)).join("");
      return { text: name, regex: `${name}/` };
    }),
  );
}

function globPath(dice: Dice): Part {
  return joined(Array.from({ length: 1 + dice(3) }, () => globSegment(dice)));
}

function globSegment(dice: Dice): Part {
  switch (dice(8)) {
    case 0:
    case 1:
      return { text: "**", regex: "(?:[^/]+/)*" };
    case 2: {
      const branches = [
        joined([nameSegment(dice)]),
        joined([nameSegment(dice), nameSegment(dice)]),
        { text: "**", regex: "(?:[^/]+/)*" },
      ].slice(0, 2 + dice(2));
      return {
        text: `{${branches.map(({ text }) => text).join(",")}}`,
        regex: `(?:${branches.map(({ regex }) => regex).join("|")})`,
      };
    }
    default:
      return nameSegment(dice);
  }
}

/** One name with wildcards: a letter, then up to two more places, a star at most once in a row. */
function nameSegment(dice: Dice): Part {
  const places: Part[] = dice(3) === 0 ? [{ text: "*", regex: "[^/]*" }] : [namePlace(dice)];
  for (let more = dice(3); more > 0; more -= 1) {
    const isStar = places.at(-1)?.text === "*";
    places.push(!isStar && dice(3) === 0 ? { text: "*", regex: "[^/]*" } : namePlace(dice));
  }
  const regex = places.map((place) => place.regex).join("");
  return { text: places.map((place) => place.text).join(""), regex: `(?=[^/])${regex}/` };
}

function namePlace(dice: Dice): Part {
  switch (dice(10)) {
    case 0:
      return { text: "?", regex: "[^/]" };
    case 1:
      return { text: "[A-C]", regex: "[A-C]" };
    case 2:
      return { text: "[!a]", regex: "[^a/]" };
    case 3:
      return { text: "[a-cé]", regex: "[a-cé]" };
    case 4:
      return { text: "[^Bb-é]", regex: "[^Bb-é/]" };
    case 5: {
      const [one, other] = [letter(dice), letter(dice)];
      return { text: `{${one},${other}b}`, regex: `(?:${one}|${other}b)` };
    }
    default: {
      const name = letter(dice);
      return { text: name, regex: name };
    }
  }
}

function letter(dice: Dice): string {
  return ["a", "b", "a", "b", "A", "é"][dice(6)] ?? "a";
}

function joined(parts: readonly Part[]): Part {
  return {
    text: parts.map(({ text }) => text).join("/"),
    regex: parts.map(({ regex }) => regex).join(""),
  };
}
