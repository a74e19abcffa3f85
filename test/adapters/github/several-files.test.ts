import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { createCodeHost } from "../../../src/adapters/github/index.ts";
import { wallClock } from "../../../src/adapters/process/clock.ts";
import { systemTimer } from "../../../src/adapters/process/timer.ts";
import type { FileHost } from "../../../src/core/hosting/index.ts";
import { serverGitEnv } from "../../support/github/git-store.ts";
import { startGithub } from "../../support/github/server.ts";
import type { Github } from "../../support/github/server.ts";
import { scriptedHost } from "./scripted-host.ts";

const engine = "ada/engine";
const places = [".github/skein.yml", "skein.yml"];
const main = "refs/heads/main";
const graph = ["POST /graphql"];
const rest = (path: string): string => `GET /repos/${engine}/contents/${path}`;

describe("readFirst", () => {
  let github: Github;

  beforeEach(async () => {
    github = await startGithub();
    github.addUser("ada");
    await github.addRepository({ fullName: engine });
  });

  afterEach(async () => {
    expect(github.violations).toEqual([]);
    await github.close();
  });

  function files(permissions: Readonly<Record<string, string>> = { contents: "read" }): FileHost {
    return createCodeHost({
      baseUrl: github.url,
      name: engine,
      token: github.jobToken(engine, permissions),
      userAgent: "skein/test",
      timer: systemTimer,
      clock: wallClock,
      limits: { spacingMs: 0, retries: 0, secondMs: 1 },
    }).files;
  }

  const asked = (): readonly string[] =>
    github.calls.map(({ method, path }) => `${method} ${path.replace(/\?.*/u, "")}`);

  const commit = async (all: Readonly<Record<string, string>>): Promise<string> =>
    github.commit(engine, { branch: "main", files: all });

  test.each([
    { name: "the first", there: places, path: ".github/skein.yml" },
    { name: "the second", there: ["skein.yml"], path: "skein.yml" },
  ])("gives $name that is there, in one call", async ({ there, path }) => {
    const sha = await commit(Object.fromEntries(there.map((each) => [each, `# ${each} ä\r\n`])));

    const byRef = await files().readFirst(places, main);
    const calls = asked();
    const bySha = await files().readFirst(places, sha);

    expect(byRef).toEqual({ path, text: `# ${path} ä\r\n` });
    expect(bySha).toEqual(byRef);
    expect(calls).toEqual(graph);
  });

  test("knows in one call that there is none, and that there is no such revision", async () => {
    await expect(files().readFirst(places, main)).resolves.toBeNull();
    await expect(files().readFirst(places, "refs/heads/gone")).resolves.toBeNull();

    expect(asked()).toEqual([...graph, ...graph]);
  });

  test("is no file where a folder stands", async () => {
    await commit({ ".github/skein.yml/odd": "1", "skein.yml": "a: 1\n" });

    const found = await files().readFirst(places, main);

    expect(found).toEqual({ path: "skein.yml", text: "a: 1\n" });
    expect(asked()).toEqual([...graph, rest(".github/skein.yml")]);
  });

  test.each([
    { name: "large", text: `${"# much\n".repeat(80_000)}a: 1\n` },
    { name: "with zero bytes", text: "a: \0\n" },
  ])("asks for a file by itself that is $name", async ({ text }) => {
    await commit({ "skein.yml": text });

    const found = await files().readFirst(places, main);

    expect(found).toEqual({ path: "skein.yml", text });
    expect(asked()).toEqual([...graph, rest("skein.yml")]);
  });

  test("never takes the address in a link for the text of a file", async () => {
    await commit({ "skein.yml": "a: 1\n" });
    link(github.repository(engine).gitDir, "evil: true", "link.yml");

    await files().readFirst(["link.yml", "skein.yml"], main);

    expect(asked()).toEqual([...graph, rest("link.yml")]);
  });

  test.each([
    { name: "an old one", fault: { kind: "status", status: 404 } },
    { name: "one that refuses", fault: { kind: "status", status: 403 } },
    {
      name: "one that lacks the field",
      fault: {
        kind: "status",
        status: 200,
        body: { errors: [{ message: "Field 'file' doesn't exist on type 'Commit'" }] },
      },
    },
  ] as const)("asks for each by itself at $name", async ({ fault }) => {
    await commit({ "skein.yml": "a: 1\n" });
    github.faults.add({ path: "/graphql", ...fault });

    const found = await files().readFirst(places, main);

    expect(found).toEqual({ path: "skein.yml", text: "a: 1\n" });
    expect(asked()).toEqual([...graph, rest(".github/skein.yml"), rest("skein.yml")]);
  });

  test("a token that may not read contents reads none", async () => {
    await commit({ "skein.yml": "a: 1\n" });

    await expect(files({ issues: "read" }).readFirst(places, main)).resolves.toBeNull();
  });

  test("an outage is told, and is not taken for a repository without the files", async () => {
    await commit({ "skein.yml": "a: 1\n" });
    github.faults.add({ path: "/graphql", kind: "reset", times: 9 });

    await expect(files().readFirst(places, main)).rejects.toMatchObject({ code: "SKN-7651" });
  });

  test("one file is read as ever", async () => {
    await commit({ "skein.yml": "a: 1\n" });

    expect(await files().readFirst(["skein.yml"], main)).toMatchObject({ text: "a: 1\n" });
    expect(asked()).toEqual([rest("skein.yml")]);
  });

  test.each(["main^{tree}", "HEAD:skein.yml", "refs/heads/main~1", ":/fix", "main"])(
    "a revision %s is none that the other language is asked for",
    async (revision) => {
      await commit({ "skein.yml": "a: 1\n" });

      await files().readFirst(places, revision);

      expect(asked()).not.toContain("POST /graphql");
    },
  );
});

describe("names of others in the other language", () => {
  test.each([
    { path: '") { id } evil: viewer { login } #', revision: main },
    { path: "a\n}\nmutation { x }", revision: main },
    { path: "skein.yml", revision: 'refs/heads/")}{viewer{login}}#' },
  ])("stand in its variables only", async ({ path, revision }) => {
    const host = await scriptedHost(() => ({ json: { data: { repository: { object: null } } } }));

    await host.open().files.readFirst([path, "b.yml"], revision);
    await host.open().files.readFirst(["a.yml", "b.yml"], main);

    const [odd, plain] = host.came.map(({ body }) => Object(body));
    expect(odd["query"]).toBe(plain["query"]);
    expect(odd["variables"]).toMatchObject({ path0: path, revision });
  });

  test("steps upwards are no path", async () => {
    const host = await scriptedHost(() => ({ json: {} }));

    await expect(host.open().files.readFirst(["../a", "b//c"], main)).resolves.toBeNull();
    expect(host.came).toEqual([]);
  });

  test.each([
    { text: "cut", byteSize: 9, isBinary: false, isTruncated: true },
    { text: "brought over", byteSize: 9, isBinary: false, isTruncated: false },
    { text: null, byteSize: 9, isBinary: true, isTruncated: false },
    { text: 7, byteSize: 1, isBinary: false, isTruncated: false },
    {},
  ])("an answer of %o is asked for again", async (blob) => {
    const host = await scriptedHost(({ method }) =>
      method === "POST"
        ? {
            json: {
              data: {
                repository: {
                  object: { __typename: "Commit", file0: { mode: 33_188, object: blob } },
                },
              },
            },
          }
        : {
            json: {
              type: "file",
              size: 9,
              encoding: "base64",
              content: Buffer.from("by itself").toString("base64"),
            },
          },
    );

    await expect(host.open().files.readFirst(["a.yml", "b.yml"], main)).resolves.toEqual({
      path: "a.yml",
      text: "by itself",
    });
  });
});

/** Puts a symbolic link on the main branch. */
function link(gitDir: string, target: string, path: string): void {
  const git = (args: readonly string[], input = ""): string =>
    execFileSync("git", ["--git-dir", gitDir, ...args], { env: serverGitEnv, input })
      .toString()
      .trim();
  const blob = git(["hash-object", "-w", "--stdin"], target);
  const rows = git(["ls-tree", main]);
  const tree = git(["mktree"], `${rows}\n120000 blob ${blob}\t${path}\n`);
  git(["update-ref", main, git(["commit-tree", tree, "-p", main, "-m", "Link"])]);
}
