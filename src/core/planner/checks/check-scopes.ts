import { SkeinError } from "../../base/errors.ts";
import { patternMatches } from "../../leases/index.ts";
import { leavesOf } from "../draft.ts";
import type { DraftPlan, DraftTask, FileOperation } from "../draft.ts";
import type { DraftFault } from "./fault.ts";
import type { Tree } from "./tree.ts";

/** Checks that what a task claims is there or declared new, and that it claims what it works on. */
export function checkScopes({ tasks, isSplit }: DraftPlan, tree: Tree): readonly DraftFault[] {
  return leavesOf(tasks).flatMap((task) => {
    const broken = [...task.scope, ...task.operations.map(({ path }) => path)].flatMap((path) =>
      checkReadable(task.id, path, tree),
    );
    if (broken.length > 0) {
      return broken;
    }
    return [
      ...(task.scope.length === 0 && isSplit ? [noScope(task)] : []),
      ...task.scope.flatMap((path) => checkScope(task, path, { tree, isSplit })),
      ...task.operations.flatMap((operation) => checkOperation(task, operation, tree)),
    ];
  });
}

function noScope({ id }: DraftTask): DraftFault {
  return {
    rule: "scope",
    tasks: [id],
    message: `${id} claims no paths, so nothing keeps others out of its files. Name its scope.`,
  };
}

function checkReadable(id: string, path: string, tree: Tree): readonly DraftFault[] {
  try {
    const { text } = tree.parse(path);
    return /^\.git(?:\/|$)/iu.test(text)
      ? [
          {
            rule: "path",
            tasks: [id],
            message: `${id} claims ${path}, which belongs to git itself.`,
          },
        ]
      : [];
  } catch (error) {
    if (error instanceof SkeinError) {
      const message = `${id} claims ${JSON.stringify(path)}: ${error.message} ${error.fix}`;
      return [{ rule: "path", tasks: [id], message }];
    }
    throw error;
  }
}

interface Around {
  readonly tree: Tree;
  readonly isSplit: boolean;
}

function checkScope(
  { id, fresh, operations }: DraftTask,
  path: string,
  { tree, isSplit }: Around,
): readonly DraftFault[] {
  const pattern = tree.parse(path);
  const isAll = pattern.text === "" || pattern.text === "**" || pattern.text === "**/*";
  if (isAll && isSplit) {
    const message = `${id} claims the whole repository, so nothing can run beside it. Name the paths that it changes.`;
    return [{ rule: "scope", tasks: [id], message }];
  }
  const isNew =
    fresh.includes(path) ||
    operations.some(
      (each) => each.action === "create" && patternMatches(pattern, each.path, tree.policy),
    );
  return isNew || isAll || tree.has(path)
    ? []
    : [
        {
          rule: "scope",
          tasks: [id],
          message: `${id} claims ${path}, which matches nothing in the tree and is not declared new. Correct it, or list it in new_paths.`,
        },
      ];
}

function checkOperation(
  { id, scope }: DraftTask,
  { path, action, lines }: FileOperation,
  tree: Tree,
): readonly DraftFault[] {
  const fault = (message: string): DraftFault => ({ rule: "operation", tasks: [id], message });
  const isInside = scope.some((each) => patternMatches(tree.parse(each), path, tree.policy));
  const exists = tree.has(path);
  return [
    ...(isInside ? [] : [fault(`${id} is to ${action} ${path}, which its scope does not hold.`)]),
    ...(action === "create" && exists
      ? [fault(`${id} is to create ${path}, which is in the tree already. Edit it instead.`)]
      : []),
    ...(action !== "create" && !exists
      ? [fault(`${id} is to ${action} ${path}, which is not in the tree.`)]
      : []),
    ...(lines !== null && lines.from > lines.to
      ? [fault(`${id} names lines ${String(lines.from)} to ${String(lines.to)} of ${path}.`)]
      : []),
  ];
}
