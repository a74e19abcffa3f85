import { describe, expect, test } from "vitest";
import {
  actions,
  authorise,
  commandActions,
  highestRole,
  isAllowed,
  needProject,
  roles,
} from "../../../src/core/access/index.ts";
import type { Principal } from "../../../src/core/access/index.ts";

function aPrincipal(odd: Partial<Principal> = {}): Principal {
  return { id: "token:t1", kind: "token", name: "ada", role: "agent", project: "demo", ...odd };
}

describe("authorise", () => {
  test("lets each role do what the roles below it may, and no more", () => {
    const rows = Object.entries(actions);
    const wrong = rows.flatMap(([action, standing]) =>
      roles
        .filter((role) => {
          const lowest = standing === "anyone" ? 0 : roles.findIndex((each) => each === standing);
          const expected = lowest >= 0 && roles.indexOf(role) >= lowest;
          return isAllowed({ role }, action) !== expected;
        })
        .map((role) => `${role} ${action}`),
    );

    expect(rows.length).toBeGreaterThan(60);
    expect(wrong).toEqual([]);
  });

  test.each([
    ["agent", "tool:finish_task"],
    ["reviewer", "tool:review_changes"],
    ["manager", "command:lease release --force"],
    ["manager", "command:approve"],
    ["manager", "tool:propose_plan"],
    ["admin", "command:token create"],
    ["admin", "command:import"],
    ["admin", "command:maintain"],
  ] as const)("gives %s and no role below it %s", (lowest, action) => {
    const may = roles.filter((role) => isAllowed({ role }, action));

    expect(may).toEqual(roles.slice(roles.indexOf(lowest)));
  });

  test("refuses with the role that is needed", () => {
    expect(() => {
      authorise(aPrincipal(), "command:task reassign");
    }).toThrow(
      expect.objectContaining({
        code: "SKN-3354",
        kind: "auth",
        message: "`skein task reassign` needs the role manager; ada has the role agent.",
        facts: {
          action: "command:task reassign",
          principal: "token:t1",
          role: "agent",
          needs: "manager",
        },
      }),
    );
  });

  test.each(["tool:nothing", "", "__proto__", "constructor", "TOOL:look", "tool:look "])(
    "refuses %j, which has no row, to everybody",
    (action) => {
      expect(() => {
        authorise(aPrincipal({ role: "admin" }), action);
      }).toThrow(expect.objectContaining({ code: "SKN-3354" }));
    },
  );

  test("refuses to an admin what belongs to the machine", () => {
    expect(isAllowed({ role: "admin" }, "command:init")).toBe(false);
  });
});

describe("commandActions", () => {
  test("adds the rows of options that change who may", () => {
    expect(commandActions("lease release", ["--force", "--reason"])).toEqual([
      "command:lease release",
      "command:lease release --force",
    ]);
  });
});

describe("needProject", () => {
  test("refuses a principal of another project", () => {
    expect(() => {
      needProject(aPrincipal(), "other");
    }).toThrow(expect.objectContaining({ code: "SKN-3356" }));
    expect(() => {
      needProject(aPrincipal(), "demo");
    }).not.toThrow();
  });
});

describe("highestRole", () => {
  test("is the one that may do the most, or null for none", () => {
    expect(highestRole(["agent", "manager", "viewer"])).toBe("manager");
    expect(highestRole([])).toBe(null);
  });
});
