import { describe, expect, test } from "vitest";
import {
  compareFits,
  countSkills,
  decideAssignee,
  leavesToPeers,
} from "../../../src/core/dispatch/affinity.ts";
import type { Assignee } from "../../../src/core/dispatch/affinity.ts";

function anAssignee(odd: Partial<Assignee>): Assignee {
  return { session: "s1", hasTouched: false, skillsMatched: 0, load: 0, ...odd };
}

describe("countSkills", () => {
  test("counts what is asked for and named, whatever the letter case", () => {
    expect(countSkills(["CSS", "sql", "rust"], ["css", "SQL"])).toBe(2);
  });
});

describe("compareFits", () => {
  test("puts file context before skills", () => {
    const fits = [
      { hasTouched: false, skillsMatched: 3 },
      { hasTouched: true, skillsMatched: 0 },
      { hasTouched: true, skillsMatched: 1 },
    ];

    expect(fits.toSorted(compareFits)).toEqual([fits[2], fits[1], fits[0]]);
  });
});

describe("leavesToPeers", () => {
  test("keeps a task whose skills the session has", () => {
    expect(leavesToPeers(["sql"], ["sql"], [{ skills: ["sql"], isIdle: true }])).toBe(false);
  });

  test("leaves a task to an idle session that has all its skills", () => {
    expect(leavesToPeers(["sql"], [], [{ skills: ["sql"], isIdle: true }])).toBe(true);
  });

  test("takes it when those who have the skills are busy, or have only some of them", () => {
    const peers = [
      { skills: ["sql", "css"], isIdle: false },
      { skills: ["sql"], isIdle: true },
    ];

    expect(leavesToPeers(["sql", "css"], [], peers)).toBe(false);
  });
});

describe("decideAssignee", () => {
  test("chooses file context, then skills, then the least load, then the oldest", () => {
    const busy = anAssignee({ session: "s2", hasTouched: true, load: 3 });
    const skilled = anAssignee({ session: "s3", skillsMatched: 2 });
    const idle = anAssignee({ session: "s10" });
    const idleToo = anAssignee({ session: "s9" });
    const loaded = anAssignee({ session: "s4", load: 1 });

    expect(decideAssignee([loaded, idle, skilled, busy])).toBe("s2");
    expect(decideAssignee([loaded, idle, skilled])).toBe("s3");
    expect(decideAssignee([loaded, idle])).toBe("s10");
    expect(decideAssignee([idle, idleToo])).toBe("s9");
  });

  test("chooses nobody where there is nobody", () => {
    expect(decideAssignee([])).toBeNull();
  });
});
