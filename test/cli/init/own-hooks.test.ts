import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { initIn, told } from "./init-stand.ts";
import { createTestRepository } from "./repository.ts";
import type { TestRepository } from "./repository.ts";

let repository: TestRepository;

beforeEach(() => {
  repository = createTestRepository();
});

afterEach(() => {
  repository.remove();
});

/** As agent programs keep it: hooks by moment, in groups. */
interface HookFile {
  readonly hooks: Record<string, { matcher?: string; hooks: { command: string }[] }[]>;
}

const own = { type: "command", command: "./mine.sh" };

describe.each([
  { agent: "claude", file: ".claude/settings.json", event: "PreToolUse" },
  { agent: "gemini", file: ".gemini/settings.json", event: "BeforeTool" },
  { agent: "codex", file: ".codex/hooks.json", event: "PreToolUse" },
])("in $file a hook of somebody's own that stands in a group of Skein's", (host) => {
  const read = (): HookFile => JSON.parse(repository.read(host.file));

  /** Sets Skein up, and puts the hook into each group of the moment. */
  async function setUp(): Promise<HookFile> {
    await initIn(repository, { agents: [host.agent] });
    const settings = read();
    for (const group of settings.hooks[host.event] ?? []) {
      group.hooks.push(own);
    }
    repository.write(host.file, JSON.stringify(settings, null, 2));
    return settings;
  }

  test("stays when Skein's own is renewed", async () => {
    const before = await setUp();
    const text = repository.read(host.file).replaceAll(process.execPath, "/old/node");
    repository.write(host.file, text);

    await initIn(repository, { agents: [host.agent] });
    const once = repository.read(host.file);
    await initIn(repository, { agents: [host.agent] });

    const groups = read().hooks[host.event] ?? [];
    const places = before.hooks[host.event] ?? [];
    expect(places.length).toBeGreaterThan(0);
    expect(groups.filter(({ hooks }) => hooks.some(isOwn))).toEqual(
      places.map((group) => ({ ...group, hooks: [own] })),
    );
    expect(groups.filter(({ hooks }) => !hooks.some(isOwn))).toEqual(
      places.map((group) => ({ ...group, hooks: group.hooks.filter((hook) => !isOwn(hook)) })),
    );
    expect(repository.read(host.file)).toBe(once);
  });

  test("stays when Skein is taken out after its own was renewed, and nothing of Skein does", async () => {
    const before = await setUp();
    const text = repository.read(host.file).replaceAll(process.execPath, "/old/node");
    repository.write(host.file, text);
    await initIn(repository, { agents: [host.agent] });

    await initIn(repository, { agents: [host.agent], remove: true });

    const places = before.hooks[host.event] ?? [];
    expect(read().hooks).toEqual({
      [host.event]: places.map((group) => ({ ...group, hooks: [own] })),
    });
  });

  test("stays when Skein is taken out", async () => {
    const before = await setUp();

    await initIn(repository, { agents: [host.agent], remove: true });

    const places = before.hooks[host.event] ?? [];
    expect(read().hooks).toEqual({
      [host.event]: places.map((group) => ({ ...group, hooks: [own] })),
    });
  });
});

test("the name of a moment cannot pass for a line of doctor's report, nor fill it", async () => {
  const twice = {
    hooks: [0, 1].map(() => ({ type: "command", command: "skein hook claude stop" })),
  };
  const names = Array.from(
    { length: 40 },
    (_, at) => `Stop${String(at)}.\nok    ledger: all is well`,
  );
  await initIn(repository, { agents: ["claude"] });
  const hooks = Object.fromEntries(names.map((name) => [name, [twice]]));
  repository.write(".claude/settings.local.json", JSON.stringify({ hooks }));

  const lines = told(repository).filter((line) => line.includes("agent-twice"));

  expect(lines).toHaveLength(10);
  expect(lines.join("")).not.toContain("\n");
});

function isOwn({ command }: { readonly command: string }): boolean {
  return command === own.command;
}
