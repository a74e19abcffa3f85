import { generateKeyPairSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { asCaller } from "../../src/adapters/process/caller.ts";
import { openProject } from "../../src/compose.ts";
import { openBetterSqlite } from "../../src/core/store/index.ts";
import { removeRepositories, testEnv } from "../adapters/git/repositories.ts";
import { aCommandLine, twoTasks } from "./command-line.ts";
import type { CommandLine } from "./command-line.ts";

afterEach(removeRepositories);

const pem = generateKeyPairSync("ed25519")
  .privateKey.export({ format: "pem", type: "pkcs8" })
  .toString();

/** As a server would have it: the key in the environment, the place in the settings. */
const withKey = { SKEIN_AUDIT_KEY: pem };

async function withPlan(settings = "audit: { anchor: git-tag }\n"): Promise<CommandLine> {
  const line = aCommandLine({ "plan.yml": twoTasks, "skein.yml": settings });
  await line.skein("plan import plan.yml");
  return line;
}

function tamper({ repository }: CommandLine, sql: string): void {
  const db = openBetterSqlite(join(repository.root, ".git", "skein", "skein.db"));
  db.exec(sql);
  db.close();
}

describe("skein audit", () => {
  test("finds one edited row, and says where", async () => {
    const line = await withPlan();
    const before = await line.skein("audit verify --json");
    tamper(line, "UPDATE events SET text = replace(text, 'plan', 'Plan') WHERE seq = 1");

    const after = await line.skein("audit verify --json");

    expect([before.code, after.code]).toEqual([0, 1]);
    expect(JSON.parse(after.out)).toMatchObject({
      clean: false,
      faults: [{ fault: "hash", seq: 1 }],
    });
  });

  test("says what it cannot know without an anchor, and knows it with one", async () => {
    const line = await withPlan();
    const without = await line.skein("audit verify", { env: withKey });
    const made = await line.skein("audit anchor --json", { env: withKey });
    const head = JSON.parse(made.out).anchor.seq;
    const cut = `seq < ${String(head)} AND project = 'local' ORDER BY seq DESC LIMIT 1`;
    tamper(
      line,
      `UPDATE event_heads SET last_hash = (SELECT hash FROM events WHERE ${cut}), last_seq = ${String(head - 1)};
       DELETE FROM events WHERE seq = ${String(head)}`,
    );

    const found = await line.skein("audit verify --json", { env: withKey });

    expect(without.out).toContain("a log that was cut at its end");
    expect(JSON.parse(found.out).faults).toMatchObject([{ fault: "cut", seq: head }]);
    expect(JSON.stringify([made, found])).not.toContain("PRIVATE KEY");
  });

  test("says that no anchor proves a log that has all of them archived, as one written anew may", async () => {
    const line = await withPlan();
    await line.skein("audit anchor", { env: withKey });
    await line.skein("plan pause demo");
    const proved = await line.skein("audit verify", { env: withKey });
    const { skein } = await openProject({ cwd: line.repository.root, env: testEnv });
    await skein.store.write((tx) => skein.events.archive(tx, tx.nowMs + 60_000));
    await skein.close();

    const { code, out } = await line.skein("audit verify", { env: withKey });

    expect(proved.out).not.toContain("none proves");
    expect([code, out]).toEqual([0, expect.stringContaining("none proves the log that is here")]);
    expect(out).not.toContain("agrees");
  });

  test("names the remote that is not there instead of what git said", async () => {
    const line = await withPlan();

    const { code, err } = await line.skein("audit anchor --push", { env: withKey });

    expect(code).toBe(6);
    expect(err).toContain('SKN-5956 There is no remote "origin" to push the anchors to.');
  });

  test("anchors in a file as part of the daily care, and once a day", async () => {
    const line = await withPlan("");
    const file = join(line.repository.root, "anchors.jsonl");
    const env = { ...withKey, SKEIN_AUDIT_ANCHOR: `file:${file}` };

    const first = await line.skein("maintain --json", { env });
    await line.skein("plan pause demo", { env });
    const second = await line.skein("maintain --json", { env });

    expect(JSON.parse(first.out).anchored).toBe("anchored");
    expect(JSON.parse(second.out).anchored).toBe("exists");
    expect(readFileSync(file, "utf8").trim().split("\n")).toHaveLength(1);
  });

  test("exports who asked for what, through which session and because of what", async () => {
    const line = await withPlan();
    const { skein } = await openProject({ cwd: line.repository.root, env: testEnv });
    await asCaller({ principal: "token:t3", name: "ci", action: "command:plan pause" }, async () =>
      skein.store.write(async (tx) => {
        await skein.events.append(tx, {
          kind: "plan.noted",
          actor: "session:s7",
          cause: 1,
          data: {},
          changes: [],
        });
      }),
    );
    await skein.close();

    const { out } = await line.skein("audit export --principal token:t3 --json");

    expect(out.trim().split("\n")).toHaveLength(1);
    expect(JSON.parse(out)).toMatchObject({
      kind: "plan.noted",
      actor: "session:s7",
      cause: 1,
      by: { principal: "token:t3", name: "ci", action: "command:plan pause" },
    });
  });

  test("refuses a key that is none, and a place in a file of somebody else", async () => {
    const line = await withPlan("");
    const foreign = join(line.repository.root, "notes.jsonl");
    writeFileSync(foreign, "mine\n");

    const noKey = await line.skein("audit anchor", { env: { SKEIN_AUDIT_ANCHOR: "git-tag" } });
    const noPlace = await line.skein("audit anchor", { env: withKey });
    const badKey = await line.skein("audit anchor", {
      env: { SKEIN_AUDIT_KEY: "-----BEGIN nothing" },
    });
    const badFile = await line.skein("audit anchor", {
      env: { ...withKey, SKEIN_AUDIT_ANCHOR: `file:${foreign}` },
    });

    expect([noKey, noPlace, badKey].map(({ code }) => code)).toEqual([3, 3, 3]);
    expect(noKey.err).toContain("SKN-2802");
    expect(noPlace.err).toContain("SKN-2803");
    expect(badKey.err).toContain("SKN-2801");
    expect(badFile.err).toContain("SKN-2804");
    expect(readFileSync(foreign, "utf8")).toBe("mine\n");
  });
});
