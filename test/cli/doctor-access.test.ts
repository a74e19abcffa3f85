import { chmodSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { examineAccess } from "../../src/cli/doctor/access.ts";
import type { Finding } from "../../src/cli/doctor/index.ts";
import { parseSettingsText } from "../support/settings.ts";
import { createCoordinatedRepository } from "../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../support/coordinated-repository.ts";

const opened: CoordinatedRepository[] = [];
let repository: CoordinatedRepository;

beforeEach(async () => {
  repository = await createCoordinatedRepository();
  opened.push(repository);
});

afterAll(async () => {
  await Promise.all(opened.map(async (each) => each.remove()));
});

async function look(text: string | null = null): Promise<readonly Finding[]> {
  const { project, root } = repository;
  const settings = text === null ? project.settings : await parseSettingsText(root, text);
  return examineAccess({
    cwd: root,
    env: {},
    repository: project.repository,
    app: null,
    storeDir: project.storeDir,
    project: { ...project, settings },
  });
}

async function aToken(expiresInMs: number | null): Promise<void> {
  const { skein } = repository.project;
  await skein.store.write((tx) =>
    skein.access.tokens.create(tx, { role: "agent", by: "person:eve", expiresInMs }),
  );
}

function settingsOf(issuer: string): string {
  return `auth:\n  oidc: { issuer: "${issuer}", audience: x, roles: { a: agent } }\n`;
}

describe("examineAccess", () => {
  test("has nothing to say where no server was ever set up", async () => {
    expect(await look()).toEqual([]);
  });

  test("finds the machine's secret open to others, and closes it", async () => {
    const file = join(repository.project.storeDir, "serve-token");
    writeFileSync(file, "x");
    chmodSync(file, 0o644);

    const [finding] = await look();
    await finding?.mend?.();

    expect(finding).toMatchObject({ id: "serve-token-open", level: "fail" });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await look()).toEqual([]);
  });

  test("counts good tokens, and names those that end soon or that nobody used", async () => {
    const { store } = repository.project.skein;
    await aToken(null);
    await aToken(86_400_000);
    await aToken(300 * 86_400_000);
    await aToken(8 * 86_400_000);
    await aToken(300 * 86_400_000);
    await store.write(async (tx) => {
      await tx.put(
        "UPDATE access_tokens SET made_at_ms = made_at_ms - ? WHERE project = ? AND number IN (3, 5)",
        [100 * 86_400_000, tx.project],
      );
      await tx.put(
        "UPDATE access_tokens SET last_used_at_ms = ? WHERE project = ? AND number = 5",
        [tx.nowMs, tx.project],
      );
    });

    const findings = await look();

    expect(findings.map(({ id, what }) => [id, /t\d/u.exec(what)?.[0] ?? null])).toEqual([
      ["tokens", null],
      ["token-idle", "t3"],
      ["token-ending", "t2"],
    ]);
  });

  test("warns of a server that others reach without TLS", async () => {
    const plain = await look("auth:\n  public_url: http://skein.example.com\n");
    const safe = await look("auth:\n  public_url: https://skein.example.com\n");
    const near = await look("auth:\n  public_url: http://localhost:7433\n");

    expect(plain.map(({ id }) => id)).toEqual(["server-plain"]);
    expect([safe, near]).toEqual([[], []]);
  });

  test("tells whether the identity provider answers", async () => {
    const server = createServer((_, response) => response.end("{}"));
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const wrong = await look(settingsOf(`http://127.0.0.1:${String(port)}`));
    server.close();
    const gone = await look(settingsOf(`http://127.0.0.1:${String(port)}`));
    const open = await look(settingsOf("http://login.example.com"));

    expect(wrong).toMatchObject([{ id: "provider", level: "fail" }]);
    expect(gone[0]?.what).toContain("SKN-7911");
    expect(open[0]?.what).toContain("SKN-2911");
  });
});
