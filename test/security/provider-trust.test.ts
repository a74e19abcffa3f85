import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";

import { isLoopbackUrl } from "../../src/core/base/loopback.ts";
import { createProviderTrust } from "../../src/provider-trust.ts";
import { loadSettings } from "../../src/settings.ts";
import type { ProviderSetting } from "../../src/settings.ts";
import { removeRepositories } from "../adapters/git/repositories.ts";
import type { CommandLine, Outcome, World } from "../cli/command-line.ts";
import { startModelServer } from "../support/model-servers/index.ts";
import type { ModelServer } from "../support/model-servers/index.ts";
import { aBranchToReview, git, write } from "../support/review-stand.ts";

let server: ModelServer;
let config: string;

beforeEach(async () => {
  server = await startModelServer({ reply: () => '{"findings":[]}' });
  config = mkdtempSync(join(tmpdir(), "skein-config-"));
});
afterEach(async () => {
  await server.close();
  rmSync(config, { recursive: true, force: true });
});
afterAll(removeRepositories);

/** The server of this test under an address that is none of the loopback's names: to Skein it is another machine. */
function away(): string {
  return server.v1.replace("127.0.0.1", "0.0.0.0");
}

interface Theirs {
  readonly base_url: string;
  readonly api_key?: string;
}

function settingsWith(provider: Theirs): string {
  return `providers:
  router: ${JSON.stringify({ kind: "openai-compatible", ...provider })}
models:
  one: { provider: router, id: one, price: { input: 0, output: 0 } }
`;
}

function clone(provider: Theirs): CommandLine {
  return aBranchToReview(settingsWith(provider));
}

async function skein(line: CommandLine, words: string, world: World = {}): Promise<Outcome> {
  const env = {
    XDG_CONFIG_HOME: config,
    HOME: config,
    VICTIM_KEY: "v1ctim5key9of7me",
    ...world.env,
  };
  return line.skein(words, { ...world, env });
}

const trustFile = (): string => join(config, "skein", "trusted-providers.json");

describe("a provider that a clone brings", () => {
  test.each(["review", "review --estimate", "models check", "plan draft Do-it"])(
    "gets neither prompt nor key by `skein %s` before a person agrees",
    async (words) => {
      const line = clone({ base_url: away(), api_key: "env:VICTIM_KEY" });

      const { code, err } = await skein(line, words);

      expect(err).toContain("SKN-8756");
      expect(err).not.toContain("v1ctim");
      expect(code).toBe(9);
      expect(server.calls).toEqual([]);
    },
  );

  test("runs no program for its key, wherever it is", async () => {
    const marker = join(config, "marker");
    const line = clone({ base_url: server.v1, api_key: `cmd:touch ${marker}` });

    const { err } = await skein(line, "models check");

    expect(err).toContain("SKN-8756");
    expect(existsSync(marker)).toBe(false);
    expect(server.calls).toEqual([]);
  });

  test("learns no variable of the environment through its address", async () => {
    const line = clone({ base_url: `${away()}/\${VICTIM_NAME}` });

    const { err } = await skein(line, "models check", { env: { VICTIM_NAME: "grace" } });

    expect(err).toContain("SKN-8756");
    expect(err).not.toContain("grace");
    expect(server.calls).toEqual([]);
  });

  test("cannot turn the path of a call into the query of another", async () => {
    const line = clone({ base_url: `${server.url}/containers/create?name=` });

    const { err } = await skein(line, "models check");

    expect(err).toContain("SKN-2003");
    expect(server.calls).toEqual([]);
  });

  test("is used once a person has agreed, and not again when its definition changes", async () => {
    const line = clone({ base_url: away(), api_key: "env:VICTIM_KEY" });
    const { root } = line.repository;

    const agreed = await skein(line, "models trust", { answers: ["y"] });
    expect(agreed.err).toContain(`sends prompts and what env:VICTIM_KEY holds to ${away()}`);
    expect(agreed.code).toBe(0);
    expect((await skein(line, "models check")).code).toBe(0);
    expect(server.calls).toHaveLength(1);

    git(root, ["checkout", "-q", "main"]);
    write(root, "skein.yml", settingsWith({ base_url: away(), api_key: "env:AWS_SECRET" }));
    git(root, ["commit", "-q", "-am", "Another key"]);
    expect((await skein(line, "models check")).err).toContain("SKN-8756");
    expect(server.calls).toHaveLength(1);
  });

  test("is agreed to in one repository only, and until that is taken back", async () => {
    const provider = { base_url: away(), api_key: "env:VICTIM_KEY" };
    const line = clone(provider);
    await skein(line, "models trust", { answers: ["y"] });

    expect((await skein(clone(provider), "models check")).err).toContain("SKN-8756");
    await skein(line, "models trust --revoke");
    expect((await skein(line, "models check")).err).toContain("SKN-8756");
  });
});

describe("agreeing to a provider", () => {
  test.each([
    ["nobody is there to answer", {}, 1007],
    ["the answer is no", { answers: ["n"] }, 8001],
    ["an agent asks", { answers: ["y"], env: { CLAUDE_CODE_SESSION_ID: "abc" } }, 3752],
  ])("is refused where %s", async (_, world, code) => {
    const line = clone({ base_url: away(), api_key: "env:VICTIM_KEY" });

    const { err } = await skein(line, "models trust", world);

    expect(err).toContain(`SKN-${String(code)}`);
    expect(existsSync(trustFile())).toBe(false);
  });

  test("takes the fingerprints of the variable from a person's environment, never from a session's", async () => {
    const line = clone({ base_url: away() });
    const { out } = await skein(line, "models trust --json", { answers: ["y"] });
    const fingerprint = /[\da-f]{32}/u.exec(out)?.[0] ?? "";
    rmSync(trustFile());
    const env = {
      SKEIN_TRUSTED_PROVIDERS: `${"a".repeat(32)}, ${fingerprint}`,
      XDG_CONFIG_HOME: config,
    };
    const providers = await providersOf(settingsWith({ base_url: away() }));

    expect((await skein(line, "models check", { env })).code).toBe(0);
    const session = createProviderTrust({
      repository: { commonDir: "/r" },
      env,
      actor: "session:s1",
    });
    expect(await session.missing(providers)).toHaveLength(1);
    const person = createProviderTrust({
      repository: { commonDir: "/r" },
      env,
      actor: "person:ada",
    });
    expect(await person.missing(providers)).toEqual([]);
  });

  test.each(["aaaa", `${"a".repeat(32)} ${"b".repeat(32)}`, "A".repeat(32), "a".repeat(33)])(
    "tells that the variable names %s, which is no fingerprint, whatever else it names",
    async (slip) => {
      const line = clone({ base_url: away() });
      const env = { SKEIN_TRUSTED_PROVIDERS: `${"c".repeat(32)},${slip}`, XDG_CONFIG_HOME: config };

      const { code, err } = await skein(line, "models check", { env });

      expect(code).toBe(3);
      expect(err).toContain(
        `SKN-2005 The variable SKEIN_TRUSTED_PROVIDERS names ${JSON.stringify(slip.slice(0, 40))}; it takes fingerprints of 32 digits`,
      );
      expect(server.calls).toEqual([]);
    },
  );

  test("is kept where this user alone reads and writes", async () => {
    await skein(clone({ base_url: away() }), "models trust", { answers: ["y"] });

    expect(statSync(trustFile()).mode & 0o777).toBe(0o600);
    expect(statSync(join(config, "skein")).mode & 0o777).toBe(0o700);
  });

  test("counts no list that others could have written, nor a link", async () => {
    const line = clone({ base_url: away() });
    await skein(line, "models trust", { answers: ["y"] });
    chmodSync(trustFile(), 0o666);
    expect((await skein(line, "models check")).err).toContain("SKN-8972");

    rmSync(trustFile());
    symlinkSync("/tmp/elsewhere.json", trustFile());
    expect((await skein(line, "models check")).err).toContain("SKN-8972");
    expect(server.calls).toEqual([]);
  });
});

async function providersOf(text: string): Promise<readonly ProviderSetting[]> {
  const { settings } = await loadSettings({ root: "/", env: {}, text });
  return [...settings.providers.values()];
}

describe("isLoopbackUrl", () => {
  test.each(["http://localhost:1/v1", "http://127.0.0.1", "http://[::1]:8", "http://127.9.9.9/"])(
    "says yes to %s",
    (address) => {
      expect(isLoopbackUrl(address)).toBe(true);
    },
  );

  test.each([
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
    "http://0.0.0.0",
    "http://evil.example/127.0.0.1",
    "http://[::ffff:10.0.0.1]",
    "http://127.0.0.1@evil.example",
    "http://169.254.169.254/",
    "http://localhost%2eevil.example",
  ])("says no to %s", (address) => {
    expect(isLoopbackUrl(address)).toBe(false);
  });
});
