import { cleanLine } from "../../base/text.ts";
import type { PlanSource } from "../draft.ts";
import { freeId, slugOf } from "../plan-id.ts";
import { isOtherSection, readOutline } from "../reading/outline.ts";

/** A part of a large goal that is planned by itself. */
export interface GoalPart {
  /** The id of its container. */
  readonly id: string;
  readonly title: string;
}

/** So many parts are planned at the same time (requirement E1), and no fewer: a small goal is planned as one. */
const fewestParts = 4;
const mostParts = 8;
/** A shorter section is no part of its own. */
const fewestChars = 80;

/** Finds the parts of a large goal: its sections of the second level. Empty: it is planned as one. */
export function partsOf({ text }: PlanSource): readonly GoalPart[] {
  const { headings, lines } = readOutline(text);
  const level = headings.filter((each) => each.level === 2).length >= fewestParts ? 2 : 1;
  const taken = new Set<string>();
  const parts = headings.flatMap((heading, at) => {
    const chars = lines
      .filter(({ section }) => section === at + 1)
      .reduce((sum, line) => sum + line.text.length, 0);
    if (heading.level !== level || isOtherSection(heading) || chars < fewestChars) {
      return [];
    }
    const title = cleanLine(heading.title, 120);
    return [{ id: freeId(slugOf(title, "part").slice(0, 24), taken), title }];
  });
  return parts.length < fewestParts || parts.length > mostParts ? [] : parts;
}
