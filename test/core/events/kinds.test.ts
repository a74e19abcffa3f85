import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { eventKinds } from "../../../src/core/events/index.ts";

const core = join(import.meta.dirname, "../../../src/core");

const sources = readdirSync(core, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts") && !path.endsWith("events/kinds.ts"))
  .map((path) => readFileSync(join(core, path), "utf8"));

const nouns = [...new Set(eventKinds.map((kind) => kind.split(".")[0] ?? ""))];

describe("eventKinds", () => {
  test("are those that core writes, in order", () => {
    const written = new RegExp(`"((?:${nouns.join("|")})\\.[a-z_]+)"`, "gu");
    const found = sources.flatMap((text) =>
      [...text.matchAll(written)].map(([, kind = ""]) => kind),
    );
    const closed = ["answered", "expired", "withdrawn"].map((state) => `approval.${state}`);

    const all = [...new Set([...found, ...closed])];

    expect(eventKinds).toEqual(all.toSorted((one, other) => one.localeCompare(other)));
  });

  test("know every noun that core appends an event of", () => {
    const appended = sources.flatMap((text) =>
      [...text.matchAll(/kind: [`"]([a-z]+)\.[a-z_$]/gu)].map(([, noun]) => noun),
    );

    expect([...new Set(appended)].filter((noun) => !nouns.includes(noun ?? ""))).toEqual([]);
  });
});
