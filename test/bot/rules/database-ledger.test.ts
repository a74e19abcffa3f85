import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { readLiveLedger } from "../../../src/bot/rules/live-ledger.ts";
import type { LiveLedger } from "../../../src/bot/rules/live-ledger.ts";
import type { BotContext } from "../../../src/bot/context.ts";
import type { BotEvent } from "../../../src/bot/event.ts";
import { parsePayload } from "../../../src/bot/payload.ts";
import { openLedger } from "../../../src/bot/workplace.ts";
import { openProject, setUpStore } from "../../../src/compose.ts";
import { shop } from "../../support/action-stand.ts";
import { botPlace } from "../../support/bot-place.ts";
import { callerNamed, plainEnv } from "../../support/coordinated-repository.ts";
import { startGithub } from "../../support/github/server.ts";
import type { Github } from "../../support/github/server.ts";
import { createPostgresPlace, postgresUrl } from "../../support/postgres.ts";
import type { PostgresPlace } from "../../support/postgres.ts";
import { aContext, aPayload } from "../contexts.ts";

function pushTo(name: string): BotEvent {
  const repository = { full_name: name, id: 7, private: true, default_branch: "main" };
  return parsePayload("push", { ...aPayload(null), repository }, null);
}

describe.skipIf(postgresUrl === null)("the App over a database", () => {
  let github: Github;
  let database: PostgresPlace;
  let env: Readonly<Record<string, string | undefined>>;
  const folders: string[] = [];

  beforeEach(async () => {
    github = await startGithub();
    await github.addRepository({ fullName: shop });
    database = await createPostgresPlace(postgresUrl ?? "");
    env = { ...plainEnv, SKEIN_DATABASE_URL: database.url };
  });

  afterEach(async () => {
    for (const folder of folders.splice(0)) {
      rmSync(folder, { recursive: true, force: true });
    }
    await database.remove();
    await github.close();
  });

  test("sees the leases that agents of the repository hold in it now", async () => {
    await agentHolds(shop, "src/pay.ts");

    const live = await readByApp(null);

    expect(live).toMatchObject({
      kind: "live",
      ledger: { source: "live", publications: [{ leases: [{ mode: "exclusive" }] }] },
    });
  });

  test("goes by what is published where the database knows no such project", async () => {
    await agentHolds("acme/other", "src/pay.ts");

    expect(await readByApp(null)).toEqual({ kind: "unasked" });
  });

  test("sees in an Action those of the project that its job has joined", async () => {
    await agentHolds("acme/other", "src/pay.ts");
    const joined = { ...env, SKEIN_PROJECT: "acme/other" };

    expect(await readByApp(null, { database: "open", env: joined })).toMatchObject({
      kind: "live",
      ledger: { publications: [{ leases: [{ mode: "exclusive" }] }] },
    });
  });

  test("knows the project of a repository whose name none can have", async () => {
    await agentHolds("acme/.github", "profile/README.md");

    expect(await readByApp(null, { event: pushTo("acme/.github") })).toMatchObject({
      kind: "live",
      ledger: { publications: [{ leases: [{ mode: "exclusive" }] }] },
    });
  });

  test("shows nobody the leases of another repository, whatever the settings of this one say", async () => {
    await agentHolds("acme/other", "src/secret-plan.ts");
    await agentHolds(shop, "src/pay.ts");

    const live = await readByApp("store: { project: acme/other }\n");

    expect(live.kind).toBe("live");
    expect(JSON.stringify(live)).not.toContain("secret-plan");
  });

  test("opens the project of the repository, whatever its settings say", async () => {
    await agentHolds("acme/other", "src/secret-plan.ts");
    await agentHolds(shop, "src/pay.ts");
    const place = await botPlace(github, "store: { project: acme/other }\n");
    const context = aContext({ cwd: cloneOf(shop), isDurable: true, env });

    const project = await openLedger(context, place);
    await project.skein.close();

    expect(project.place).toMatchObject({ kind: "postgres", project: shop });
  });

  test("makes the project of a repository that the database does not know, and no agent's leases of it", async () => {
    const place = await botPlace(github, null);
    const context = aContext({ cwd: cloneOf(shop), isDurable: true, env });

    for (const _ of ["the first time", "again"]) {
      const project = await openLedger(context, place);
      await project.skein.close();
      expect(project.place).toMatchObject({ kind: "postgres", project: shop });
    }

    expect(await readByApp(null)).toEqual({ kind: "unasked" });
  });

  function cloneOf(name: string): string {
    const folder = mkdtempSync(join(tmpdir(), "skein-app-clone-"));
    folders.push(folder);
    for (const args of [
      ["init", "-q"],
      ["remote", "add", "origin", `https://github.com/${name}.git`],
    ]) {
      execFileSync("git", args, { cwd: folder, env: { ...plainEnv } });
    }
    return folder;
  }

  async function agentHolds(name: string, path: string): Promise<void> {
    const cwd = cloneOf(name);
    await (await setUpStore({ cwd, env })).skein.close();
    const { skein } = await openProject({ cwd, env });
    await skein.dispatch.claimFiles({
      caller: callerNamed("claude:ada"),
      paths: [path],
      mode: "exclusive",
      durationMs: null,
      reason: "",
      waitMs: 0,
      origin: "files",
      key: null,
      signal: null,
    });
    await skein.close();
  }

  async function readByApp(
    settingsText: string | null,
    odd: Partial<BotContext> = {},
  ): Promise<LiveLedger> {
    const event = pushTo(shop);
    const context = aContext({ event, cwd: cloneOf(shop), isDurable: true, env, ...odd });
    return readLiveLedger(context, await botPlace(github, settingsText));
  }
});
