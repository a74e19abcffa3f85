import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createCassetteFile } from "../../../src/adapters/models/cassette-file.ts";
import type { Recorded } from "../../../src/core/models/index.ts";

function aPath(): string {
  return join(mkdtempSync(join(tmpdir(), "skein-cassette-")), "deep", "review.jsonl");
}

function aTake(text: string, more: Partial<Recorded["generation"]> = {}): Recorded {
  return {
    model: "sonnet",
    requestHash: "ab12",
    generation: {
      text,
      object: { findings: [1, null, "x"] },
      usage: { inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, cacheWriteTokens: 4 },
      finish: "stop",
      ...more,
    },
  };
}

describe("createCassetteFile", () => {
  test("gives back what was kept, also to a later process, and the last under a key", async () => {
    const path = aPath();
    const first = createCassetteFile(path);
    const unknown = aTake("no usage\n🐟", { usage: null, object: null, finish: "length" });

    await expect(first.find("a")).resolves.toBeNull();
    await first.keep("a", aTake("one"));
    await first.keep("a", aTake("two"));
    await first.keep("b", unknown);

    for (const cassette of [first, createCassetteFile(path)]) {
      await expect(cassette.find("a")).resolves.toEqual(aTake("two"));
      await expect(cassette.find("b")).resolves.toEqual(unknown);
      await expect(cassette.find("c")).resolves.toBeNull();
    }
  });

  test("is a line of JSON each, for its owner alone", async () => {
    const path = aPath();
    const cassette = createCassetteFile(path);

    await Promise.all(
      Array.from({ length: 20 }, async (_, index) =>
        cassette.keep(`k${String(index)}`, aTake(`text ${String(index)}`)),
      ),
    );

    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    expect(lines).toHaveLength(20);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      key: "k0",
      model: "sonnet",
      request_hash: "ab12",
      generation: { text: "text 0" },
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("sees what another process appends, and passes over what a crash left of a line", async () => {
    const path = aPath();
    const [one, other] = [createCassetteFile(path), createCassetteFile(path)];
    await one.keep("a", aTake("one"));
    await expect(other.find("a")).resolves.toEqual(aTake("one"));

    appendFileSync(path, '{"key":"torn","model":"sonnet","requ');
    await other.keep("b", aTake("after the crash"));

    await expect(one.find("b")).resolves.toEqual(aTake("after the crash"));
    await expect(one.find("torn")).resolves.toBeNull();
    await expect(one.find("a")).resolves.toEqual(aTake("one"));
  });

  test("passes over lines that are no answers", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "skein-cassette-")), "c.jsonl");
    const lines = [
      "",
      "null",
      "[]",
      '{"key":"a"}',
      '{"key":"a","model":"m","request_hash":"h","generation":{"text":5,"finish":"stop"}}',
      '{"key":"a","model":"m","request_hash":"h","generation":{"text":"t","finish":"never"}}',
      '{"__proto__":{"key":"a"},"model":"m"}',
    ];
    writeFileSync(path, lines.join("\n"));

    await expect(createCassetteFile(path).find("a")).resolves.toBeNull();
  });

  test("writes through no symbolic link, and goes on after a failure", async () => {
    const folder = mkdtempSync(join(tmpdir(), "skein-cassette-"));
    const path = join(folder, "c.jsonl");
    symlinkSync(join(folder, "elsewhere"), path);
    const cassette = createCassetteFile(path);

    await expect(cassette.keep("a", aTake("one"))).rejects.toMatchObject({ code: "SKN-7981" });
    await expect(cassette.find("a")).resolves.toBeNull();
    await expect(cassette.keep("a", aTake("one"))).rejects.toThrow();
  });
});
