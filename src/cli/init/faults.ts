import { SkeinError } from "../../core/base/errors.ts";
import { furtherFaults } from "../../core/base/further-faults.ts";

/** What a piece of work gives, or the error of Skein's that ended it. */
export function attempt<T>(work: () => T): T | SkeinError {
  try {
    return work();
  } catch (error) {
    if (error instanceof SkeinError) {
      return error;
    }
    throw error;
  }
}

/** One error for all that is wrong: the first, and what the others say beside it. */
export function together([first, ...others]: readonly SkeinError[]): SkeinError {
  if (first === undefined) {
    throw new Error("nothing is wrong");
  }
  if (others.length === 0) {
    return first;
  }
  const own: unknown = first.facts["errors"];
  const ofFirst: readonly unknown[] = Array.isArray(own) ? own : [{ message: first.message }];
  const ofOthers = others.flatMap((other) => [
    { code: other.code, message: `${other.code} ${other.message}` },
    ...furtherFaults(other).map((fault) => furtherOf(other, fault)),
  ]);
  return retold(first, { facts: { ...first.facts, errors: [...ofFirst, ...ofOthers] } });
}

/** Of a file that is not the first one, a place alone says nothing. */
function furtherOf({ code, facts }: SkeinError, fault: string): { code: string; message: string } {
  const file = facts["file"];
  return { code, message: `${code} ${typeof file === "string" ? `${file}: ` : ""}${fault}` };
}

/** The error of somebody who takes Skein out: its next step leads there again. */
export function ofRemoval(error: SkeinError): SkeinError {
  return retold(error, {
    fix: error.fix.replaceAll(/skein init(?! --remove)/gu, "skein init --remove"),
  });
}

function retold(
  error: SkeinError,
  { fix = error.fix, facts = error.facts }: Partial<Pick<SkeinError, "fix" | "facts">>,
): SkeinError {
  const { code, kind, message, why } = error;
  const entry = { code, kind, title: message, cause: why, fix };
  return new SkeinError(entry, { facts, cause: error.cause });
}
