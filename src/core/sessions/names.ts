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

/** The first name that is not taken: `grace`, `grace-2`, `grace-3` … */
export function freeName(first: string, taken: ReadonlySet<string>): string {
  let name = first;
  for (let count = 2; taken.has(name); count += 1) {
    name = `${first}-${String(count)}`;
  }
  return name;
}
