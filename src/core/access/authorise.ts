import { SkeinError } from "../base/errors.ts";
import { actions, isAction } from "./actions.ts";
import type { Standing } from "./actions.ts";
import { accessErrors } from "./errors.ts";
import type { Principal } from "./principal.ts";
import { isAtLeast } from "./role.ts";

/** Tells whether a principal may do something; what has no row of the table nobody may. */
export function isAllowed({ role }: Pick<Principal, "role">, action: string): boolean {
  const standing = standingOf(action);
  return standing === "anyone" || (standing !== "nobody" && isAtLeast(role, standing));
}

/** Lets a principal do something, by the one table of `actions`. @throws {SkeinError} SKN-3354 when its role may not. */
export function authorise(principal: Principal, action: string): void {
  if (isAllowed(principal, action)) {
    return;
  }
  const standing = standingOf(action);
  const { id, name, role } = principal;
  throw new SkeinError(accessErrors.forbidden, {
    message:
      standing === "nobody" || standing === "anyone"
        ? `${wordsOf(action)} cannot be done over a server.`
        : `${wordsOf(action)} needs the role ${standing}; ${name} has the role ${role}.`,
    fix:
      standing === "nobody" || standing === "anyone"
        ? "Run it on the machine where its files are."
        : `Ask an admin of the project for a token of the role ${standing}.`,
    facts: { action, principal: id, role, needs: standing },
  });
}

/** An action as its caller wrote it: `skein plan import`, or a tool's name. */
function wordsOf(action: string): string {
  const [sort = "", name = ""] = action.split(/:(.*)/su);
  if (sort === "command" && name !== "") {
    return `\`skein ${name}\``;
  }
  return sort === "tool" && name !== "" ? `\`${name}\`` : action;
}

/** @throws {SkeinError} SKN-3356 when a principal of one project asks for another. */
export function needProject(principal: Principal, project: string): void {
  if (principal.project !== project) {
    throw new SkeinError(accessErrors.otherProject, { facts: { principal: principal.id } });
  }
}

function standingOf(action: string): Standing {
  return isAction(action) ? actions[action] : "nobody";
}
