import { describe, expect, test } from "vitest";
import { parseProviderAddress } from "../../src/adapters/identity/address.ts";
import { parseVaultAddress } from "../../src/adapters/secrets/vault-place.ts";
import { parseServerAddress } from "../../src/adapters/server/address.ts";
import { SkeinError } from "../../src/core/base/errors.ts";
import { askedOf } from "../../src/provider-trust.ts";
import { loadSettings } from "../../src/settings.ts";

/** Ways to write an address that is inside of somebody's network, of a machine's own description, or of nobody's. */
const hosts = [
  "169.254.169.254",
  "[fd00:ec2::254]",
  "[fe80::1]",
  "[::ffff:169.254.169.254]",
  "[::ffff:a9fe:a9fe]",
  "[64:ff9b::a9fe:a9fe]",
  "2852039166",
  "0xA9FEA9FE",
  "0251.0376.0251.0376",
  "0xa9.0xfe.0xa9.0xfe",
  "169.254.43518",
  "169。254。169。254",
  "①⑥⑨.②⑤④.①⑥⑨.②⑤④",
  "169.254.169.254.",
  "metadata.google.internal",
  "metadata.google.internal.",
  "METADATA.google.internal",
  "instance-data",
  "10.0.0.1",
  "10.1",
  "012.0.0.1",
  "172.16.0.1",
  "172.31.255.254",
  "192.168.0.1",
  "192.168.1",
  "100.64.0.1",
  "0.0.0.0",
  "0",
  "[::]",
  "255.255.255.255",
  "224.0.0.1",
  "[ff02::1]",
  "localhost.",
  "localhost.localdomain",
  "localhost.evil.example",
  "127.0.0.1.nip.io",
  "127.0.0.1.evil.example",
  "127-0-0-1.evil.example",
  "evil.example",
  "evil.example:11434",
  "evil.example.",
  "xn--80ak6aa92e.com",
  "аррӏе.com",
  "kubernetes.default.svc",
  "consul",
  "redis",
  "[::1%25eth0]",
  "[::ffff:127.0.0.1]",
  "[0:0:0:0:0:ffff:7f00:1]",
  "[::127.0.0.1]",
];

/** Of addresses as a whole. */
const odd = [
  "http://127.0.0.1@evil.example/v1",
  "http://localhost:x@evil.example/v1",
  "http://evil.example#@127.0.0.1/v1",
  "http://evil.example?@127.0.0.1/v1",
  "http:\\\\evil.example\\v1",
  "http:/\\evil.example/v1",
  "http:evil.example",
  "//evil.example/v1",
  "///evil.example",
  "file:///etc/passwd",
  "gopher://127.0.0.1:6379/_x",
  "ftp://127.0.0.1/x",
  "dict://127.0.0.1:11211/stat",
  "data:text/plain,x",
  "javascript:alert(1)",
  "unix:///var/run/docker.sock",
  "jar:http://evil.example!/",
  "http://127.0.0.1\t.evil.example/v1",
  "http://evil.example\u0000.localhost/v1",
];

const all = [...hosts.map((host) => `http://${host}/v1`), ...odd];

/** The words of a refusal; null: it was not refused. */
async function refusalOf(work: () => unknown): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    return error instanceof SkeinError ? error.code : String(error);
  }
}

/** What a `skein.yml` with this address would have a person agree to; a code where it is no setting at all. */
async function askedFor(baseUrl: string): Promise<string> {
  const provider = { kind: "openai-compatible", base_url: baseUrl, api_key: "env:ANY_KEY" };
  const text = JSON.stringify({
    providers: { theirs: provider },
    models: { one: { provider: "theirs", id: "one" } },
  });
  try {
    const { settings } = await loadSettings({ root: "/nowhere", env: {}, text });
    const asked = askedOf([...settings.providers.values()]);
    return asked.length === 1 ? "asked" : "not asked";
  } catch (error) {
    return error instanceof SkeinError ? error.code : String(error);
  }
}

/** T24: no address of a repository, or of somebody's mistake, is asked without a person; none that bears a secret goes over a plain line. */
describe("tricks with addresses", () => {
  test("are more than 60, and none is this machine's own", () => {
    expect(all.length).toBeGreaterThanOrEqual(60);
    expect(new Set(all).size).toBe(all.length);
  });

  test.each(all)(
    "a repository's provider at %j is asked of a person first, or is none",
    async (url) => {
      expect(["asked", "SKN-2003"]).toContain(await askedFor(url));
    },
  );

  test.each(all)(
    "an identity provider, a vault and a server at %j are none without TLS",
    async (url) => {
      const refusals = [
        await refusalOf(() => parseProviderAddress(url)),
        await refusalOf(() => parseVaultAddress(url)),
        await refusalOf(() => parseServerAddress(url)),
      ];

      expect(refusals).toEqual(["SKN-2911", "SKN-2972", "SKN-1921"]);
    },
  );

  test.each([
    "http://127.0.0.1:11434/v1",
    "http://[::1]/v1",
    "http://localhost/v1",
    "http://2130706433/v1",
    "http://0x7f.1/v1",
  ])("a service of this machine at %j needs no agreement", async (url) => {
    expect(await askedFor(url)).toBe("not asked");
  });
});
