import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

const folder = ".github/workflows";

const workflow = z.object({
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(
    z.string(),
    z.object({ permissions: z.record(z.string(), z.string()), "timeout-minutes": z.number() }),
  ),
});

describe.each(readdirSync(folder))("%s", (name) => {
  const text = readFileSync(`${folder}/${name}`, "utf8");
  const { permissions, jobs } = workflow.parse(parse(text));

  test("pins every action by its full commit and names the version", () => {
    const uses = text.split("\n").filter((line) => /\buses:/.test(line));

    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter((line) => !/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
  });

  test("gives no power to the workflow, and to each job only what it needs", () => {
    const powers = Object.values(jobs).flatMap((job) => Object.entries(job.permissions));
    const writes = powers.filter(([, level]) => level !== "read");

    expect(permissions).toEqual({});
    expect(writes).toEqual(name === "release.yml" ? [["id-token", "write"]] : []);
  });

  test("lets no text from outside into a shell", () => {
    expect(text).not.toMatch(/run:[^\n]*\$\{\{\s*github\.(?:event|head_ref)/);
    expect(text).not.toContain("pull_request_target");
  });
});
