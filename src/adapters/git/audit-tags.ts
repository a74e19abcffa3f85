import { randomBytes } from "node:crypto";
import { SkeinError } from "../../core/base/errors.ts";
import { isoTime } from "../../core/base/iso.ts";
import type { AnchorPlace } from "../../core/audit/index.ts";
import { gitErrors } from "./errors.ts";
import type { Git } from "./git.ts";

const folder = "refs/tags/skein-audit";

/** The anchor is one file of a commit that stands alone: so every tool and host takes the tag as one. */
const file = "anchor.json";

const maxTags = 10_000;

/** Keeps anchors as tags of the clone, `skein-audit/2026-11-28`; a tag that is there is never moved. */
export function createAuditTags(git: Git): AnchorPlace {
  return {
    list: async () => {
      const listed = await git.text([
        "for-each-ref",
        `--count=${String(maxTags)}`,
        "--format=%(refname)",
        `${folder}/`,
      ]);
      const names = listed.split("\n").filter((name) => name !== "");
      return names.length === 0 ? [] : readTags(git, names);
    },
    put: async (day, text) => {
      const commit = await writeCommit(git, day, text);
      // Forty zeros: only where nothing is yet. Another process may be as quick.
      const { exitCode } = await git.run(
        ["update-ref", "-m", "skein: audit", `${folder}/${day}`, commit, "0".repeat(commit.length)],
        { okCodes: [0, 1, 128] },
      );
      return exitCode === 0;
    },
  };
}

/** Pushes the tags to a remote, where whoever has this machine cannot change them; those that are there stay as they are. @throws {SkeinError} SKN-5956. */
export async function pushAuditTags(git: Git, remote: string): Promise<void> {
  const { exitCode } = await git.run(["remote", "get-url", "--", remote], {
    okCodes: [0, 2, 128],
  });
  if (exitCode !== 0) {
    throw new SkeinError(gitErrors.noRemote, {
      message: `There is no remote "${remote}" to push the anchors to.`,
      facts: { remote },
    });
  }
  await git.run([
    "push",
    "--quiet",
    "--no-verify",
    "--no-follow-tags",
    "--recurse-submodules=no",
    "--",
    remote,
    `${folder}/*:${folder}/*`,
  ]);
}

/** No anchor is nearly as large, in bytes; of what is, only the size is looked at. */
const largestAnchor = 65_536;

/** The texts of the tags in their order; empty for one that holds no anchor, which the check then tells. One process for all of them. */
async function readTags(git: Git, names: readonly string[]): Promise<readonly string[]> {
  const places = names.map((name) => `${name}:${file}\n`).join("");
  const found = await git.text(
    ["cat-file", "--batch-check=%(objecttype) %(objectsize) %(objectname)"],
    { input: places },
  );
  const blobs = found.split("\n").map((line) => {
    const [type, size, id = ""] = line.split(" ");
    return type === "blob" && Number(size) <= largestAnchor ? id : null;
  });
  // Nobody who wrote a tag knows the word between them.
  const mark = `skein ${randomBytes(16).toString("hex")}`;
  const written = await git.text(["cat-file", `--batch=${mark}`], {
    input: blobs.map((id) => (id === null ? "" : `${id}\n`)).join(""),
  });
  const texts = `${written}\n`.split(`${mark}\n`).slice(1);
  return blobs.map((id) => (id === null ? "" : (texts.shift() ?? "").replace(/\n{1,2}$/u, "")));
}

async function writeCommit(git: Git, day: string, text: string): Promise<string> {
  const blob = await git.text(["hash-object", "-w", "--stdin"], { input: `${text}\n` });
  const tree = await git.text(["mktree"], { input: `100644 blob ${blob}\t${file}\n` });
  const date = isoTime(Date.parse(`${day}T00:00:00Z`));
  return git.text(["commit-tree", "--no-gpg-sign", tree, "-m", `The audit trail on ${day}`], {
    env: {
      GIT_AUTHOR_NAME: "skein",
      GIT_AUTHOR_EMAIL: "skein@localhost",
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: "skein",
      GIT_COMMITTER_EMAIL: "skein@localhost",
      GIT_COMMITTER_DATE: date,
    },
  });
}
