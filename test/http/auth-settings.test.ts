import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readAuth } from "../../src/http/auth-settings.ts";
import { refuseOpenBind } from "../../src/http/gate/index.ts";
import type { AuthSettings } from "../../src/settings.ts";
import { createCoordinatedRepository, plainEnv } from "../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../support/coordinated-repository.ts";

const mine = "auth:\n  allowed_hosts: [skein.example.com]\n";
const evil = "auth:\n  allowed_hosts: [evil.example]\n";

describe("readAuth", () => {
  let repository: CoordinatedRepository;
  let log: string[];

  beforeEach(async () => {
    repository = await createCoordinatedRepository();
    log = [];
  });

  afterEach(async () => {
    await repository.remove();
  });

  async function hostsOf(isAsked: boolean): Promise<readonly string[] | null> {
    const auth = await readAuth({
      cwd: repository.root,
      env: plainEnv,
      isAsked,
      log: (line) => log.push(line),
    });
    return auth?.allowedHosts ?? null;
  }

  function commit(text: string): void {
    repository.write("skein.yml", text);
    repository.git(repository.root, "add", "skein.yml");
    repository.git(repository.root, "commit", "--quiet", "-m", "settings");
  }

  test("lets no repository open this machine unasked, and says so", async () => {
    commit(evil);

    expect(await hostsOf(false)).toBe(null);
    expect(log).toEqual(["skein.yml says who else may call (`auth`); that counts with --auth"]);
  });

  test("goes by what is committed, whatever an agent wrote into the worktree", async () => {
    commit(mine);
    repository.write("skein.yml", evil);

    expect(await hostsOf(true)).toEqual(["skein.example.com"]);
  });

  test("goes by the file where nothing was ever committed", async () => {
    repository.write("skein.yml", mine);

    expect(await hostsOf(true)).toEqual(["skein.example.com"]);
  });

  test("refuses to be asked for what is not there", async () => {
    commit("leases: { minutes: 20 }\n");

    await expect(hostsOf(true)).rejects.toMatchObject({ code: "SKN-2934" });
  });

  test("goes by the operator's file in a folder that is no repository", async () => {
    const folder = mkdtempSync(join(tmpdir(), "skein-serve-"));
    writeFileSync(join(folder, "skein.yml"), mine);

    const auth = await readAuth({
      cwd: folder,
      env: plainEnv,
      isAsked: false,
      log: () => undefined,
    });
    rmSync(folder, { recursive: true });

    expect(auth?.allowedHosts).toEqual(["skein.example.com"]);
  });
});

describe("refuseOpenBind", () => {
  const auth: AuthSettings = {
    tokens: true,
    oidc: null,
    publicUrl: null,
    allowedHosts: ["skein.example.com"],
    allowedOrigins: [],
    quotas: { perMinute: 1, burst: 1 },
  };

  test.each(["127.0.0.1", "::1", "localhost"])(
    "lets %s be served to this machine alone",
    (host) => {
      expect(() => {
        refuseOpenBind(host, null);
      }).not.toThrow();
    },
  );

  test.each(["0.0.0.0", "::", "192.168.1.5", "skein.example.com", "127.0.0.1.evil.example"])(
    "refuses %s without identities, or without a name",
    (host) => {
      for (const given of [null, { ...auth, tokens: false }, { ...auth, allowedHosts: [] }]) {
        expect(() => {
          refuseOpenBind(host, given);
        }).toThrow(expect.objectContaining({ code: "SKN-8931", kind: "unsafe" }));
      }
      expect(() => {
        refuseOpenBind(host, auth);
      }).not.toThrow();
    },
  );
});
