import { describe, expect, test } from "vitest";
import { findHost } from "../../../src/adapters/process/host-process.ts";
import type { SeenProcess } from "../../../src/adapters/process/host-process.ts";

function chain(...commands: readonly string[]): (pid: number) => SeenProcess | null {
  return (pid) => {
    const command = commands[pid - 10];
    return command === undefined ? null : { parent: pid + 1, command: command.split("|") };
  };
}

describe("findHost", () => {
  test.each([
    { name: "a host that starts the server itself", commands: ["claude"], host: 10 },
    {
      name: "npx and its shell",
      commands: ["sh|-c|skein mcp", "npm exec skein mcp", "claude"],
      host: 12,
    },
    {
      name: "Skein's own door on an older Node",
      commands: ["/usr/bin/node|/r/bin/skein.js|mcp", "node|/x/npx-cli.js|-y|skein", "codex"],
      host: 12,
    },
    { name: "a host that is a Node program", commands: ["node|/x/gemini.js"], host: 10 },
    { name: "a shell of a person", commands: ["bash"], host: 10 },
  ])("finds the host behind $name", ({ commands, host }) => {
    expect(findHost(10, chain(...commands))).toBe(host);
  });

  test("knows nothing where processes cannot be seen", () => {
    expect(findHost(10, () => null)).toBeNull();
  });

  test.runIf(process.platform === "linux")("sees the real parent of a process", () => {
    expect(findHost(process.pid)).toBe(process.pid);
  });
});
