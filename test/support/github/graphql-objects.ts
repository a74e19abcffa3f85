import { GraphQLError } from "graphql";
import { isGranted } from "./access.ts";
import { commitOf, git, tryGit, typeOf } from "./git-store.ts";
import { textIn } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { needs } from "./needs.ts";
import type { Identity, Repository } from "./state.ts";

type Node = Readonly<Record<string, unknown>>;

/** From so many bytes on, GitHub gives the beginning of a text. */
const mostTextBytes = 512_000;

/** The object that a revision names; null where there is none. */
export async function objectNode(
  repository: Repository,
  args: JsonObject,
  identity: Identity,
): Promise<Node | null> {
  if (!isGranted(identity, needs.readContents)) {
    throw new GraphQLError("Resource not accessible by integration", {
      extensions: { type: "FORBIDDEN" },
    });
  }
  const { gitDir } = repository;
  const named = textIn(args, "expression") ?? textIn(args, "oid") ?? "";
  const parsed = await tryGit(gitDir, [
    "rev-parse",
    "--verify",
    "--quiet",
    "--end-of-options",
    named,
  ]);
  const oid = parsed.stdout.toString("utf8").trim();
  const type = named === "" || parsed.code !== 0 ? null : await typeOf(gitDir, oid);
  if (type === "commit") {
    return commitNode(repository, oid);
  }
  if (type === "blob") {
    return blobNode(repository, oid);
  }
  return type === null ? null : { __typename: type === "tag" ? "Tag" : "Tree", oid };
}

function commitNode(repository: Repository, oid: string): Node {
  return {
    __typename: "Commit",
    oid,
    file: async (args: JsonObject) => entryNode(repository, oid, textIn(args, "path") ?? ""),
  };
}

/** Null for what is not there, and for paths that are none. */
async function entryNode(
  repository: Repository,
  commit: string,
  path: string,
): Promise<Node | null> {
  const { gitDir } = repository;
  if ((await commitOf(gitDir, commit)) === null) {
    return null;
  }
  const listed = await git(gitDir, ["--literal-pathspecs", "ls-tree", "-z", commit, "--", path]);
  const found = /^(\d+) (\w+) ([\da-f]+)\t(.*)\0$/su.exec(listed);
  if (found === null || found[4] !== path) {
    return null;
  }
  const [, mode = "", type = "", oid = ""] = found;
  return {
    __typename: "TreeEntry",
    name: path.split("/").at(-1),
    path,
    mode: Number.parseInt(mode, 8),
    type,
    oid,
    object: async () => (type === "blob" ? blobNode(repository, oid) : { __typename: "Tree", oid }),
  };
}

async function blobNode({ gitDir }: Repository, oid: string): Promise<Node> {
  const { stdout: content } = await tryGit(gitDir, ["cat-file", "blob", oid]);
  const isBinary = content.includes(0);
  return {
    __typename: "Blob",
    oid,
    byteSize: content.length,
    isBinary,
    isTruncated: content.length > mostTextBytes,
    text: isBinary ? null : content.subarray(0, mostTextBytes).toString("utf8"),
  };
}
