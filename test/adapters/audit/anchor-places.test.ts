import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createAnchorFile } from "../../../src/adapters/audit/anchor-file.ts";
import { createAuditTags, createGit, pushAuditTags } from "../../../src/adapters/git/index.ts";
import type { Git } from "../../../src/adapters/git/index.ts";
import { anchorText } from "../../../src/core/audit/anchor.ts";
import { readAuditKey } from "../../../src/core/audit/index.ts";
import { makeTemporaryDirectory } from "../../support/stores.ts";

const key = readAuditKey(
  generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
);
const day = "2026-11-28";

const anAnchor = (project = "demo"): string =>
  anchorText(key.sign({ project, head: { seq: 7, hash: "ab" }, atMs: Date.parse(day) }));

let directory = "";

beforeEach(() => {
  directory = makeTemporaryDirectory();
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function git(cwd: string, ...args: readonly string[]): string {
  return execFileSync("git", args, { cwd, encoding: "utf8" }).trim();
}

describe("createAnchorFile", () => {
  test("keeps one anchor a day of each project, for its owner alone", async () => {
    const path = join(directory, "anchors.jsonl");
    const place = createAnchorFile(path);
    const before = await place.list();

    const outcomes = [
      await place.put(day, anAnchor()),
      await place.put(day, anAnchor()),
      await place.put(day, anAnchor("other")),
    ];

    expect([before, outcomes]).toEqual([[], [true, false, true]]);
    expect(await place.list()).toEqual([anAnchor(), anAnchor("other")]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("writes into no file of another kind, and through no link", async () => {
    const other = join(directory, "other.jsonl");
    const link = join(directory, "link.jsonl");
    writeFileSync(other, "export PATH=/bin\n");
    symlinkSync(other, link);

    for (const path of [other, link, directory]) {
      await expect(createAnchorFile(path).put(day, anAnchor())).rejects.toMatchObject({
        code: "SKN-2804",
      });
    }
    expect(readFileSync(other, "utf8")).toBe("export PATH=/bin\n");
  });
});

describe("createAuditTags", () => {
  test("keeps an anchor as a tag of its day, which is never moved, and pushes it", async () => {
    const [clone, remote] = [join(directory, "clone"), join(directory, "remote.git")];
    git(directory, "init", "-q", clone);
    git(directory, "init", "-q", "--bare", remote);
    git(clone, "remote", "add", "origin", remote);
    const own = createGit({ cwd: clone, env: process.env });
    const place = createAuditTags(own);
    const before = await place.list();

    const first = await place.put(day, anAnchor());
    const second = await place.put(day, anAnchor("other"));
    await pushAuditTags(own, "origin");
    await pushAuditTags(own, "origin");

    expect([before, first, second]).toEqual([[], true, false]);
    expect(await place.list()).toEqual([anAnchor()]);
    expect(git(remote, "show", `skein-audit/${day}:anchor.json`)).toBe(anAnchor());
  });

  test("reads many tags in a fixed number of processes, each text at its place", async () => {
    git(directory, "init", "-q", ".");
    const own = createGit({ cwd: directory, env: process.env });
    const asked: string[] = [];
    const counted: Git = {
      ...own,
      text: async (args, options) => {
        asked.push(args.join(" "));
        return own.text(args, options);
      },
    };
    const texts = ["one", 'two\nblob 3 x\n"', "three \u{fc}"];
    for (const [at, text] of texts.entries()) {
      await createAuditTags(own).put(`2026-01-0${String(at + 1)}`, text);
    }
    writeFileSync(join(directory, "huge"), "x".repeat(70_000));
    const huge = git(directory, "hash-object", "-w", "huge");
    const tree = await own.text(["mktree"], { input: `100644 blob ${huge}\tanchor.json\n` });
    git(directory, "update-ref", "refs/tags/skein-audit/2026-01-02b", tree);

    const found = await createAuditTags(counted).list();

    expect(found).toEqual([texts[0], texts[1], "", texts[2]]);
    expect(asked).toHaveLength(3);
  });

  test("tells a tag of that name which holds no anchor", async () => {
    git(directory, "init", "-q", ".");
    const tree = git(directory, "hash-object", "-w", "-t", "tree", "/dev/null");
    git(directory, "update-ref", "refs/tags/skein-audit/2026-01-01", tree);
    const place = createAuditTags(createGit({ cwd: directory, env: process.env }));

    expect(await place.list()).toEqual([""]);
  });
});
