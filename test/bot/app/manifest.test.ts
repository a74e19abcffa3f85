import { describe, expect, test } from "vitest";
import { appManifest, permissionsOf } from "../../../src/bot/app/manifest.ts";
import { handlerNames } from "../../../src/bot/dispatch.ts";

describe("appManifest", () => {
  test("asks for these permissions and events and for no others", () => {
    expect(appManifest("https://bot.example/")).toMatchInlineSnapshot(`
      {
        "default_events": [
          "check_run",
          "issue_comment",
          "issues",
          "merge_group",
          "pull_request",
          "pull_request_review_comment",
          "push",
        ],
        "default_permissions": {
          "checks": "write",
          "contents": "read",
          "issues": "write",
          "merge_queues": "read",
          "metadata": "read",
          "pull_requests": "write",
        },
        "description": "Keeps many coding agents in formation: plans issues, reviews pull requests, watches rules.",
        "hook_attributes": {
          "active": true,
          "url": "https://bot.example/api/github/webhooks",
        },
        "name": "Skein",
        "public": false,
        "url": "https://bot.example",
      }
    `);
  });
});

describe("permissionsOf", () => {
  test.each(handlerNames)("gives a run of %s nothing that the App does not have", (name) => {
    const levels = { read: 1, write: 2 };
    const all: Readonly<Record<string, "read" | "write">> = permissionsOf(["command"]);

    for (const [key, level] of Object.entries(permissionsOf([name]))) {
      expect(levels[level], key).toBeLessThanOrEqual(levels[all[key] ?? "read"]);
      expect(Object.hasOwn(all, key), key).toBe(true);
    }
  });

  test.each([["rules"], ["rules", "tasks"], ["closed"]] as const)(
    "lets no run of %s write on a pull request, which it only reads",
    (...names) => {
      expect(permissionsOf(names)["pull_requests"]).toBe("read");
    },
  );

  test("takes the higher level of two", () => {
    expect(permissionsOf(["plan", "rules"])).toEqual({
      metadata: "read",
      contents: "read",
      issues: "write",
      pull_requests: "read",
      checks: "write",
    });
    expect(permissionsOf(["plan"])).toEqual({
      metadata: "read",
      contents: "read",
      issues: "write",
    });
  });
});
