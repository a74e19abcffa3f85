import { execFileSync } from "node:child_process";
import {
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import {
  handoverText,
  readHandover,
  verifyHandover,
  writeHandover,
} from "../../../src/bot/action/handover.ts";
import type { HandoverPlace, WrittenHandover } from "../../../src/bot/action/handover.ts";
import { baseSha, headSha } from "../contexts.ts";

const place: HandoverPlace = {
  repository: "ada/engine",
  number: 4,
  shas: { head: headSha, base: baseSha },
};

function written(odd: Partial<WrittenHandover> = {}): WrittenHandover {
  return {
    place,
    kind: "review",
    headSha,
    baseSha,
    payload: { diff: "+ß", files: [{ path: "a.ts", lines: 2 }], none: null },
    createdAt: "2026-11-28T14:00:00.000Z",
    secrets: ["ghs_0123456789"],
    ...odd,
  };
}

const text = handoverText(written());

/** Another text with the same hash claim, as who tampers would write. */
function tampered(change: (file: Record<string, unknown>) => Record<string, unknown>): string {
  return JSON.stringify(change(JSON.parse(text)));
}

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "skein-handover-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("writeHandover", () => {
  test("writes through no link that a checkout has there", () => {
    const [victim, link] = [join(folder, "victim"), join(folder, "out")];
    writeFileSync(victim, "as it was");
    symlinkSync(victim, link);

    expect(() => {
      writeHandover(link, written());
    }).toThrow(/ELOOP/u);
    expect(readFileSync(victim, "utf8")).toBe("as it was");
  });

  test.each([
    ["as JSON writes it", (secret: string) => secret],
    ["in base64", (secret: string) => Buffer.from(`key: ${secret}!`).toString("base64")],
    ["in hexadecimal digits", (secret: string) => Buffer.from(secret).toString("hex")],
  ])("hands no secret over %s", (_how, write) => {
    const secret = 'se"cret\\pass/word-0123456789';
    expect(() => handoverText(written({ payload: write(secret), secrets: [secret] }))).toThrow(
      /secret of this job/u,
    );
  });
});

test("does not wait for a pipe in place of a hand-over", () => {
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);

  expect(() => readHandover(pipe, place)).toThrow(/no plain file/u);
});

describe("verifyHandover", () => {
  test("gives back what was written for this very event", () => {
    expect(verifyHandover(text, place)).toEqual({
      kind: "review",
      headSha,
      baseSha,
      payload: written().payload,
      hash: /"hash":"([0-9a-f]{64})"/u.exec(text)?.[1],
    });
  });

  test("does not mind another order of the fields", () => {
    const turned = tampered((file) => Object.fromEntries(Object.entries(file).toReversed()));

    expect(turned).not.toBe(text);
    expect(verifyHandover(turned, place).payload).toEqual(written().payload);
  });

  test("hands on commits that the event does not name, for the handler to compare", () => {
    const ofIssue = { ...place, shas: null };
    const file = handoverText(written({ place: ofIssue }));

    expect(verifyHandover(file, ofIssue)).toMatchObject({ headSha, baseSha });
  });

  test.each([
    ["another repository", { ...place, repository: "eve/engine" }, "another repository"],
    ["another number", { ...place, number: 5 }, "another issue or pull request"],
    ["no number", { ...place, number: null }, "another issue or pull request"],
    ["another head", { ...place, shas: { head: baseSha, base: baseSha } }, "other commits"],
    ["another base", { ...place, shas: { head: headSha, base: headSha } }, "other commits"],
  ])("refuses what was made for %s", (_, other, reason) => {
    expect(() => verifyHandover(text, other)).toThrow(
      expect.objectContaining({ code: "SKN-8941", message: expect.stringContaining(reason) }),
    );
  });

  test.each([
    ["a changed payload", tampered((file) => ({ ...file, payload: { diff: "" } })), "its hash"],
    ["another kind", tampered((file) => ({ ...file, kind: "plan" })), "its hash"],
    [
      "another time",
      tampered((file) => ({ ...file, created_at: "2026-01-01T00:00:00Z" })),
      "its hash",
    ],
    ["another hash", tampered((file) => ({ ...file, hash: "0".repeat(64) })), "its hash"],
    ["a field too many", tampered((file) => ({ ...file, approve: true })), "a field too many"],
    [
      "a field too few",
      tampered((file) => ({ ...file, kind: undefined })),
      "a field too many, too few",
    ],
    ["a newer version", tampered((file) => ({ ...file, schema_version: 2 })), "of another kind"],
    ["a head that is a flag", tampered((file) => ({ ...file, head_sha: "--all" })), "another kind"],
    ["no JSON", "{", "no JSON"],
    [
      "what is nested without end",
      text.replace(
        /"payload":.*,"hash"/,
        `"payload":${"[".repeat(100_000)}${"]".repeat(100_000)},"hash"`,
      ),
      "nested",
    ],
  ])("refuses %s", (_, file, reason) => {
    expect(() => verifyHandover(file, place)).toThrow(
      expect.objectContaining({ code: "SKN-8941", message: expect.stringContaining(reason) }),
    );
  });
});

describe("writeHandover", () => {
  test("writes what readHandover takes in", () => {
    const path = join(folder, "handover.json");

    writeHandover(path, written());

    expect(readHandover(path, place)).toEqual(verifyHandover(text, place));
  });

  test.each([
    ["a secret of the job", { payload: { note: "it is ghs_0123456789" } }, "a secret"],
    ["more than 10 MB", { payload: "x".repeat(10_000_001) }, "more than 10000000 bytes"],
    ["commits of another event", { headSha: baseSha }, "other commits"],
  ])("refuses %s, before the next job has to", (_, odd, reason) => {
    expect(() => handoverText(written(odd))).toThrow(
      expect.objectContaining({ code: "SKN-8941", message: expect.stringContaining(reason) }),
    );
  });
});

describe("readHandover", () => {
  test("says what to do where there is no file", () => {
    expect(() => readHandover(join(folder, "none.json"), place)).toThrow(
      expect.objectContaining({
        code: "SKN-5941",
        fix: expect.stringContaining("Download the artifact"),
      }),
    );
  });

  test("follows no link and reads no giant", () => {
    const target = join(folder, "target.json");
    const link = join(folder, "link.json");
    const giant = join(folder, "giant.json");
    writeFileSync(target, text);
    symlinkSync(target, link);
    writeFileSync(giant, "");
    truncateSync(giant, 10_000_001);

    expect(() => readHandover(link, place)).toThrow(
      expect.objectContaining({ code: "SKN-8941", message: expect.stringContaining("a link") }),
    );
    expect(() => readHandover(giant, place)).toThrow(expect.objectContaining({ code: "SKN-8941" }));
    expect(() => readHandover(folder, place)).toThrow(
      expect.objectContaining({ code: "SKN-8941" }),
    );
  });
});
