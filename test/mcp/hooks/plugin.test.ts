import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { isLooseObject, ownValue, parseLooseObject } from "../../../src/core/base/loose-object.ts";
import { claudeMoments } from "../../../src/cli/init/agents.ts";
import { hostOfPlugin, isHookEvent } from "../../../src/mcp/hooks/payload.ts";
import { createCoordinatedRepository, plainEnv } from "../../support/coordinated-repository.ts";
import { codexPatch } from "./hook-runner.ts";
import { editPayloads } from "./payloads.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

function readJson(path: string): Readonly<Record<string, unknown>> {
  return parseLooseObject(readFileSync(join(root, path), "utf8")) ?? {};
}

interface Entry {
  readonly event: string;
  readonly matcher: unknown;
  readonly command: string;
}

function hookEntries(): readonly Entry[] {
  const hooks = ownValue(readJson("hooks/hooks.json"), "hooks");
  return Object.entries(isLooseObject(hooks) ? hooks : {}).flatMap(([event, items]) =>
    listOf(items).flatMap((item) =>
      listOf(ownValue(item, "hooks")).map((hook) => ({
        event,
        matcher: ownValue(item, "matcher") ?? null,
        command: String(ownValue(hook, "command")),
      })),
    ),
  );
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isLooseObject) : [];
}

describe("the plugin", () => {
  it("has the manifest and the marketplace entry that its hosts read", () => {
    const manifest = readJson(".claude-plugin/plugin.json");
    const [entry] = listOf(ownValue(readJson(".claude-plugin/marketplace.json"), "plugins"));

    expect(manifest).toMatchObject({ name: "skein", version: readJson("package.json")["version"] });
    expect(entry).toMatchObject({ name: "skein", source: "./" });
  });

  it("starts the server by a bare command, since Codex expands no variable there", () => {
    expect(readJson(".mcp.json")).toMatchObject({
      mcpServers: { skein: { command: "npx", args: ["--no", "skein", "mcp"] } },
    });
  });

  it("asks at the same moments as the hooks that `init` writes, and before Codex's patches", () => {
    const moments = hookEntries().map(({ event, matcher, command }) => [
      event,
      matcher,
      command.split(" ").at(-1),
    ]);

    expect(moments).toEqual(
      claudeMoments.map(([event, matcher, skeinEvent]) => [
        event,
        matcher?.startsWith("Edit|") === true ? `${matcher}|apply_patch` : matcher,
        skeinEvent,
      ]),
    );
  });

  it("calls scripts that exist, in shell form, with events that exist", () => {
    for (const { command } of hookEntries()) {
      const [, script, event] =
        /^node "\$\{CLAUDE_PLUGIN_ROOT\}\/([\w./-]+)" ([\w-]+)$/u.exec(command) ?? [];
      expect(existsSync(join(root, script ?? "")), command).toBe(true);
      expect(isHookEvent(event ?? ""), command).toBe(true);
    }
  });

  it("matches Skein's own tools under both of their names", () => {
    const matcher = hookEntries().find(({ command }) => command.endsWith("pre-skein"))?.matcher;
    const pattern = new RegExp(`^(?:${String(matcher)})$`, "u");

    expect("mcp__skein__next_task").toMatch(pattern);
    expect("mcp__plugin_skein_skein__look").toMatch(pattern);
    expect("mcp__other__look").not.toMatch(pattern);
  });

  it("has a skill with a name and a description", () => {
    const text = readFileSync(join(root, "skills/skein/SKILL.md"), "utf8");

    expect(text).toMatch(/^---\nname: skein\ndescription: .{50,1000}\n---\n/u);
  });

  it("answers as the host that calls it, in its own process", async () => {
    const repository = await createCoordinatedRepository();
    try {
      await repository.claim("claude:grace", ["src/a.ts"]);
      const { stdout, stderr } = spawnSync(
        process.execPath,
        [join(root, "hooks/run.mjs"), "pre-edit"],
        {
          cwd: join(repository.root, "docs"),
          encoding: "utf8",
          env: plainEnv,
          input: JSON.stringify({ ...codexPatch("grace", "../src/a.ts"), turn_id: "1" }),
        },
      );

      expect(stderr).toBe("");
      expect(JSON.parse(stdout)).toMatchObject({
        hookSpecificOutput: { permissionDecision: "deny" },
      });
    } finally {
      await repository.remove();
    }
  });

  it("ends silently in a folder where nobody set Skein up", () => {
    const folder = mkdtempSync(join(tmpdir(), "skein-plugin-"));
    try {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [join(root, "hooks/run.mjs"), "pre-edit"],
        { cwd: folder, encoding: "utf8", input: "{}" },
      );

      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("hostOfPlugin", () => {
  it.each(editPayloads.filter(({ host }) => host === "claude"))("tells $name", ({ payload }) => {
    expect(hostOfPlugin(JSON.stringify(payload))).toBe("claude");
  });

  it("tells Codex by its turns or its transcripts", () => {
    expect(hostOfPlugin('{"turn_id":"1"}')).toBe("codex");
    expect(hostOfPlugin('{"transcript_path":"/x/sessions/rollout-2026.jsonl"}')).toBe("codex");
    expect(hostOfPlugin('{"transcript_path":"/rollout-x/abc.jsonl"}')).toBe("claude");
    expect(hostOfPlugin("no json")).toBe("claude");
  });
});
