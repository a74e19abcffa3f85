const names = [
  "grace",
  "linus",
  "ada",
  "alan",
  "barbara",
  "dennis",
  "edsger",
  "frances",
  "guido",
  "hedy",
  "ivan",
  "joan",
  "katherine",
  "leslie",
  "margaret",
  "niklaus",
  "ole",
  "peter",
  "radia",
  "sophie",
  "tim",
  "ursula",
  "vint",
  "whitfield",
  "xia",
  "yukihiro",
  "zoe",
  "anita",
  "bjarne",
  "carol",
  "donald",
  "emmy",
  "fran",
  "george",
  "harlan",
  "ida",
  "john",
  "ken",
  "lynn",
  "maurice",
  "nancy",
  "olga",
  "parisa",
  "rosa",
  "stephanie",
  "tony",
  "victor",
  "wendy",
] as const;

/** The friendly name for a session's number. */
export function friendlyName(number: number): string {
  return names[(number - 1) % names.length] ?? "grace";
}

/** The names to try for a session in turn: `grace`, `grace-2`, `grace-3` … */
export function* namesFrom(first: string): Generator<string> {
  yield first;
  for (let count = 2; ; count += 1) {
    yield `${first}-${String(count)}`;
  }
}
