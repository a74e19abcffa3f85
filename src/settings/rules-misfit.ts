import type { Misfit } from "./references.ts";
import type { SettingsFile } from "./schema.ts";
import { ruleKeys } from "./sections/rules.ts";
import type { WrittenNode } from "./sections/rules.ts";

/** How deep `and` and `or` may stand in each other, and how many rules there may be: core has the same depth, and a test compares them. */
const maxDepth = 5;
const maxNodes = 100;

/** What the author of a change can choose, so that it must not stand in for another rule. */
const authorChosen: ReadonlySet<string> = new Set([
  "branch_name",
  "task_link",
  "trailers",
  "labels",
]);

interface RulesFile extends Pick<SettingsFile, "rules" | "branches"> {
  /** False when `branches` are wrong in themselves, so that nobody knows what they protect. */
  readonly isBranchesRead: boolean;
}

/** Finds what the schema cannot say of the rules. */
export function rulesMisfits({ rules, branches, isBranchesRead }: RulesFile): readonly Misfit[] {
  const nodes = (rules?.require ?? []).flatMap((node, index) =>
    placedNodes(node, { path: ["rules", "require", index], depth: 1, isInOr: false }),
  );
  if (nodes.length > maxNodes) {
    const message = `\`rules.require\` has ${String(nodes.length)} rules; at most ${String(maxNodes)} are read.`;
    return [{ path: ["rules", "require"], message }];
  }
  const hasProtected = !isBranchesRead || (branches?.protected ?? []).length > 0;
  return nodes
    .map((placed) => nodeMisfit(placed, hasProtected))
    .filter((misfit) => misfit !== null);
}

interface Place {
  readonly path: readonly PropertyKey[];
  readonly depth: number;
  readonly isInOr: boolean;
}

interface Placed extends Place {
  readonly node: WrittenNode;
}

function placedNodes(node: WrittenNode, place: Place): readonly Placed[] {
  const below = (key: "and" | "or"): readonly Placed[] =>
    place.depth > maxDepth
      ? []
      : (node[key] ?? []).flatMap((child, index) =>
          placedNodes(child, {
            path: [...place.path, key, index],
            depth: place.depth + 1,
            isInOr: place.isInOr || key === "or",
          }),
        );
  return [{ node, ...place }, ...below("and"), ...below("or")];
}

function nodeMisfit({ node, path, depth, isInOr }: Placed, hasProtected: boolean): Misfit | null {
  const kinds = ruleKeys.filter((key) => Object.hasOwn(node, key));
  const [kind = ""] = kinds;
  const place = path.join(".");
  if (kinds.length !== 1) {
    const has = kinds.length === 0 ? "none" : kinds.join(", ");
    const message = `\`${place}\` names exactly one of ${ruleKeys.join(", ")}; it has ${has}.`;
    return { path, message };
  }
  if (depth > maxDepth) {
    return { path, message: `\`${place}\` is more than ${String(maxDepth)} deep.` };
  }
  if (isInOr && authorChosen.has(kind)) {
    const message = `\`${place}\`: whoever opens a pull request chooses what \`${kind}\` looks at, so it cannot stand in for another rule in an \`or\`.`;
    return { path: [...path, kind], message };
  }
  return targetMisfit(node, path, hasProtected) ?? groupMisfit(node, path);
}

function targetMisfit(
  { target_branch: target }: WrittenNode,
  path: Misfit["path"],
  hasProtected: boolean,
): Misfit | null {
  if (target === undefined || hasProtected || target?.branches !== undefined) {
    return null;
  }
  const message = `\`${path.join(".")}.target_branch\` needs \`branches\`, here or as \`branches.protected\`.`;
  return { path: [...path, "target_branch"], message };
}

function groupMisfit(
  { and, or, advisory, name }: WrittenNode,
  path: Misfit["path"],
): Misfit | null {
  const isGroup = (and ?? or) !== undefined;
  return isGroup && (advisory ?? name) !== undefined
    ? {
        path,
        message: `\`${path.join(".")}\`: \`name\` and \`advisory\` are said of a rule, not of \`and\` or \`or\`.`,
      }
    : null;
}
