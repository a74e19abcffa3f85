import { afterEach, describe, expect, it, test } from "vitest";
import { lineOfEntry } from "../../../src/cli/init/toml-entry.ts";
import { removeRepositories } from "../../adapters/git/repositories.ts";
import { leastCpuMs } from "../../support/cpu-time.ts";
import { aCommandLine } from "../command-line.ts";
import { edit, examine } from "../doctor-patient.ts";

afterEach(removeRepositories);

describe("lineOfEntry", () => {
  test.each([
    ["[mcp_servers.skein]", 1],
    ['model = "x"\n\n  [ mcp_servers . "skein" ] # mine', 3],
    ["[mcp_servers.skein.env]\nA = 1", 1],
    ['[mcp_servers]\nskein = { command = "x" }', 2],
    ['[mcp_servers]\nother.command = "y"\nskein.command = "x"', 3],
    ['mcp_servers.skein.command = "x"', 1],
    ["mcp_servers = { other = {} }", 1],
    ["[[mcp_servers.skein]]", 1],
    ["[other]\n[[mcp_servers]] # a list", 2],
  ])("finds it in %j", (text, line) => {
    expect(lineOfEntry(text, "mcp_servers", "skein")).toBe(line);
  });

  test.each([
    "",
    "[mcp_servers.skein2]\n[mcp_servers.other]\nname = 'skein'",
    '[profiles]\nskein = "x"\nmcp_servers = 1',
    "# [mcp_servers.skein]",
    'mcp_servers.other.command = "x"',
    'notes = """\n[mcp_servers.skein]\n"""\n',
    "[mcp_servers]\n[[other]]\nskein = 1",
    '["mcp_servers.skein"]',
  ])("finds none in %j", (text) => {
    expect(lineOfEntry(text, "mcp_servers", "skein")).toBeNull();
  });
});

describe("a line of a repository's file that is made to be slow", () => {
  test.each([" ", "a", "a.", '"', "[", '"a".', "[a", "= "])(
    "of many %j is read at once",
    (piece) => {
      const line = piece.repeat(100_000);
      const text = `${line}\n${line}!\n[mcp_servers.skein]`;

      expect(leastCpuMs(() => lineOfEntry(text, "mcp_servers", "skein"))).toBeLessThan(400);
      expect(lineOfEntry(text, "mcp_servers", "skein")).toBe(3);
    },
  );
});

describe("init where Codex has a server `skein` of its own", () => {
  it("says where and writes nothing; doctor names it beside Skein's own entry, too", async () => {
    const line = aCommandLine({ ".codex/config.toml": '[mcp_servers.skein]\ncommand = "mine"\n' });
    const refused = await line.skein("init --yes --agents claude,codex");
    expect(refused.err).toContain("SKN-2093");
    expect(refused.err).toContain(".codex/config.toml, line 1");
    expect((await line.skein("status")).code).not.toBe(0);

    edit(line, ".codex/config.toml", () => 'model = "x"\n');
    expect((await line.skein("init --yes --agents claude,codex")).code).toBe(0);
    edit(line, ".codex/config.toml", (text) => `${text}[mcp_servers.skein]\ncommand = "mine"\n`);
    const found = (await examine(line)).findings.filter(({ level }) => level !== "ok");
    expect(found.map(({ id, what }) => [id, what])).toEqual([
      ["agent-file", ".codex/config.toml, line 9: a server `skein` is set up there already."],
    ]);
  });
});
