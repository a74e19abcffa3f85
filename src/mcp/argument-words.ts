import type * as z from "zod";

type Issue = z.core.$ZodIssue;

/** Says in words of ours what an argument takes that was refused, as ` takes a number of at least 0`; what was given is not repeated. */
export function argumentText(issue: Issue): string {
  if (isMissing(issue)) {
    const takes = takenText(issue);
    return takes === null ? " is missing" : ` is missing; it takes ${takes}`;
  }
  const takes = takenText(issue);
  return takes === null ? " has a value that does not fit" : ` takes ${takes}`;
}

/** The arguments are read so that each issue has what was given. */
function isMissing({ code, input }: Issue): boolean {
  return (code === "invalid_type" || code === "invalid_value") && input === undefined;
}

/** Null where the schema says no more than that it does not fit. */
function takenText(issue: Issue): string | null {
  if (issue.code === "invalid_type") {
    return types[issue.expected] ?? null;
  }
  if (issue.code === "invalid_value") {
    return choiceText(issue.values);
  }
  return issue.code === "invalid_union" ? unionText(issue.errors) : boundText(issue);
}

function boundText(issue: Issue): string | null {
  if (issue.code === "too_small") {
    return sizeText(issue.origin, "at least", Number(issue.minimum));
  }
  if (issue.code === "too_big") {
    return sizeText(issue.origin, "at most", Number(issue.maximum));
  }
  return issue.code === "not_multiple_of" ? `a multiple of ${String(issue.divisor)}` : null;
}

const types: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
  null: "null",
};

function choiceText(values: readonly unknown[]): string {
  const words = values.map((value) => JSON.stringify(value)).join(", ");
  return values.length > 1 ? `one of ${words}` : words;
}

const counted: Readonly<Record<string, readonly [what: string, one: string, many: string]>> = {
  string: ["a text", "character", "characters"],
  array: ["a list", "entry", "entries"],
  set: ["a list", "entry", "entries"],
};

function sizeText(origin: string, bound: string, count: number): string {
  const [what, one, many] = counted[origin] ?? ["a number", "", ""];
  return `${what} of ${bound} ${String(count)} ${count === 1 ? one : many}`.trimEnd();
}

/** Of several shapes each that says itself what it takes. */
function unionText(errors: readonly (readonly Issue[])[]): string | null {
  const shapes = errors.flatMap(([first]) => {
    const text = first === undefined || first.path.length > 0 ? null : takenText(first);
    return text === null ? [] : [text];
  });
  return shapes.length === 0 ? null : [...new Set(shapes)].join(" or ");
}
