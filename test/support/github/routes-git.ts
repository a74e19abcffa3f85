import { commitOf, git, refsBelow, tryGit, typeOf } from "./git-store.ts";
import { isObject, listIn, objectIn, textIn } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { needs } from "./needs.ts";
import { callerOf, inRepository, invalid, nothing, notFound, ok, page, refuse } from "./replies.ts";
import type { Reply, RepositoryCall, Route } from "./replies.ts";
import { syncPulls } from "./pull-sync.ts";
import { noReplyHost, nodeIdOf } from "./state.ts";
import { repositoryUrl } from "./views-base.ts";
import { gitCommitView, refView } from "./views-git.ts";

/** The git database: blobs, trees, commits and references. */
export const gitRoutes: readonly Route[] = [
  inRepository("POST /git/blobs", needs.writeContents, async (call) => {
    const encoding = textIn(call.body, "encoding") === "base64" ? "base64" : "utf8";
    const input = Buffer.from(textIn(call.body, "content") ?? "", encoding);
    const sha = await git(call.repository.gitDir, ["hash-object", "-w", "--stdin"], { input });
    return ok({ sha, url: `${root(call)}/blobs/${sha}` }, 201);
  }),
  inRepository("GET /git/blobs/{file_sha}", needs.readContents, async (call) => {
    const sha = call.params["file_sha"] ?? "";
    if ((await typeOf(call.repository.gitDir, sha)) !== "blob") {
      throw notFound();
    }
    const { stdout } = await tryGit(call.repository.gitDir, ["cat-file", "blob", sha]);
    return ok({
      sha,
      node_id: nodeIdOf("B", sha),
      size: stdout.length,
      url: `${root(call)}/blobs/${sha}`,
      content: stdout.toString("base64"),
      encoding: "base64",
    });
  }),
  inRepository("POST /git/trees", needs.writeContents, createTree),
  inRepository("GET /git/trees/{tree_sha}", needs.readContents, async (call) => {
    const name = call.params["tree_sha"] ?? "";
    const { code, stdout } = await tryGit(call.repository.gitDir, [
      "rev-parse",
      "--verify",
      "--quiet",
      "--end-of-options",
      `${name}^{tree}`,
    ]);
    if (code !== 0) {
      throw notFound();
    }
    const isDeep = call.query.has("recursive");
    return ok(await treeView(call, stdout.toString("utf8").trim(), isDeep));
  }),
  inRepository("POST /git/commits", needs.writeContents, createCommit),
  inRepository("GET /git/commits/{commit_sha}", needs.readContents, async (call) => {
    const sha = call.params["commit_sha"] ?? "";
    if ((await typeOf(call.repository.gitDir, sha)) !== "commit") {
      throw notFound();
    }
    return ok(await gitCommitView(call.hub, call.repository, sha));
  }),
  inRepository("GET /git/ref/{ref}", needs.readContents, async (call) => ok(await shown(call))),
  inRepository("GET /git/matching-refs/{ref}", needs.readContents, async (call) => {
    const found = await refsBelow(call.repository.gitDir, `refs/${call.params["ref"] ?? ""}`);
    const visible = found.filter(({ name }) => !name.startsWith("refs/pull/"));
    return {
      ...page(call, visible, (ref) => refView(call.hub, call.repository, ref)),
      headers: {},
    };
  }),
  inRepository("POST /git/refs", needs.writeContents, createRef),
  inRepository("PATCH /git/refs/{ref}", needs.writeContents, updateRef),
  inRepository("DELETE /git/refs/{ref}", needs.writeContents, async (call) => {
    const name = writableRef(call);
    const current = await targetOf(call, name);
    if (current === null) {
      throw refuse(422, "Reference does not exist");
    }
    if (name === `refs/heads/${call.repository.defaultBranch}`) {
      throw refuse(422, "Cannot delete the default branch");
    }
    await git(call.repository.gitDir, ["update-ref", "-d", name, current]);
    return nothing;
  }),
];

function root(call: RepositoryCall): string {
  return `${repositoryUrl(call.hub, call.repository)}/git`;
}

const modes: Readonly<Record<string, string>> = {
  "100644": "blob",
  "100755": "blob",
  "120000": "blob",
  "040000": "tree",
  "160000": "commit",
};

async function createTree(call: RepositoryCall): Promise<Reply> {
  const { gitDir } = call.repository;
  const base = textIn(call.body, "base_tree");
  const index = `${gitDir}/index-${String(call.hub.nextId())}`;
  const env = { GIT_INDEX_FILE: index };
  if (base !== null) {
    const { code } = await tryGit(gitDir, ["read-tree", `${base}^{tree}`], { env });
    if (code !== 0) {
      throw refuse(404, "Not Found");
    }
  }
  for (const entry of listIn(call.body, "tree").filter(isObject)) {
    await stage(call, entry, env);
  }
  const sha = await git(gitDir, ["write-tree"], { env });
  return ok(await treeView(call, sha, false), 201);
}

async function stage(
  call: RepositoryCall,
  entry: JsonObject,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const { gitDir } = call.repository;
  const path = textIn(entry, "path") ?? "";
  const mode = textIn(entry, "mode") ?? "100644";
  const content = textIn(entry, "content");
  const isPlain =
    path !== "" && path.split("/").every((part) => !["", ".", "..", ".git"].includes(part));
  if (!isPlain) {
    throw invalid("Tree", "path", "tree.path contains a malformed path component");
  }
  if (entry["sha"] === null) {
    await tryGit(gitDir, ["rm", "--cached", "-r", "--quiet", "--", path], { env });
    const removal = `0 0000000000000000000000000000000000000000\t${path}\0`;
    await git(gitDir, ["update-index", "-z", "--index-info"], { env, input: removal });
    return;
  }
  const sha =
    content === null
      ? (textIn(entry, "sha") ?? "")
      : await git(gitDir, ["hash-object", "-w", "--stdin"], { input: content });
  const isThere = mode === "160000" || (await typeOf(gitDir, sha)) === modes[mode];
  if (!isThere) {
    throw invalid("Tree", "sha", `tree.sha ${sha} is not a valid ${modes[mode] ?? "object"}`);
  }
  if (mode === "040000") {
    await git(gitDir, ["read-tree", `--prefix=${path}/`, sha], { env });
    return;
  }
  const line = `${mode} ${sha}\t${path}\0`;
  await git(gitDir, ["update-index", "-z", "--add", "--index-info"], { env, input: line });
}

async function treeView(call: RepositoryCall, sha: string, isDeep: boolean): Promise<JsonObject> {
  const flags = isDeep ? ["-r", "-t"] : [];
  const text = await git(call.repository.gitDir, ["ls-tree", "-z", "--long", ...flags, sha]);
  const tree = text.split("\0").flatMap((line) => {
    const found = /^(\d+) (\w+) ([\da-f]+) +(\S+)\t(.*)$/su.exec(line);
    if (found === null) {
      return [];
    }
    const [, mode = "", type = "", id = "", size = "", path = ""] = found;
    const sized = size === "-" ? {} : { size: Number(size) };
    return [{ path, mode, type, sha: id, ...sized, url: `${root(call)}/${type}s/${id}` }];
  });
  return { sha, url: `${root(call)}/trees/${sha}`, tree, truncated: false };
}

async function createCommit(call: RepositoryCall): Promise<Reply> {
  const { gitDir } = call.repository;
  const tree = textIn(call.body, "tree") ?? "";
  if ((await typeOf(gitDir, tree)) !== "tree") {
    throw invalid("Commit", "tree", "Tree SHA does not exist");
  }
  const parents = listIn(call.body, "parents").map(String);
  for (const parent of parents) {
    if ((await typeOf(gitDir, parent)) !== "commit") {
      throw invalid("Commit", "parents", "Parent SHA does not exist or is not a commit object");
    }
  }
  const { actor } = callerOf(call);
  const now = new Date(call.hub.nowMs()).toISOString();
  const usual = { name: actor.login, email: `${actor.login}@${noReplyHost}` };
  const author = { ...usual, date: now, ...objectIn(call.body, "author") };
  const committer = { ...author, ...objectIn(call.body, "committer") };
  const sha = await git(
    gitDir,
    ["commit-tree", tree, ...parents.flatMap((parent) => ["-p", parent]), "-F", "-"],
    {
      input: textIn(call.body, "message") ?? "",
      env: {
        GIT_AUTHOR_NAME: author.name,
        GIT_AUTHOR_EMAIL: author.email,
        GIT_AUTHOR_DATE: gitDate(author.date),
        GIT_COMMITTER_NAME: committer.name,
        GIT_COMMITTER_EMAIL: committer.email,
        GIT_COMMITTER_DATE: gitDate(committer.date),
      },
    },
  );
  return ok(await gitCommitView(call.hub, call.repository, sha), 201);
}

function gitDate(date: string): string {
  return `@${String(Math.floor(Date.parse(date) / 1000))} +0000`;
}

/** Another name is not this one: `heads/a` does not find `heads/ab`. */
async function shown(call: RepositoryCall, full?: string): Promise<JsonObject> {
  const name = full ?? `refs/${call.params["ref"] ?? ""}`;
  const found = await refsBelow(call.repository.gitDir, name);
  const ref = found.find((candidate) => candidate.name === name);
  if (ref === undefined) {
    throw notFound();
  }
  return refView(call.hub, call.repository, ref);
}

async function createRef(call: RepositoryCall): Promise<Reply> {
  const { gitDir } = call.repository;
  const name = textIn(call.body, "ref") ?? "";
  const sha = textIn(call.body, "sha") ?? "";
  const { code } = await tryGit(gitDir, ["check-ref-format", name]);
  if (!name.startsWith("refs/") || name.split("/").length < 3 || code !== 0) {
    throw refuse(422, `Reference name is not valid: ${name}`);
  }
  refuseReserved(name);
  await checkedTarget(call, sha, name);
  if ((await targetOf(call, name)) !== null) {
    throw refuse(422, "Reference already exists");
  }
  await move(call, name, [sha, "0".repeat(40)]);
  return ok(await shown(call, name), 201);
}

async function updateRef(call: RepositoryCall): Promise<Reply> {
  const name = writableRef(call);
  const sha = textIn(call.body, "sha") ?? "";
  const current = await targetOf(call, name);
  if (current === null) {
    throw refuse(422, "Reference does not exist");
  }
  await checkedTarget(call, sha, name);
  if (call.body["force"] !== true) {
    const { gitDir } = call.repository;
    const { code } = await tryGit(gitDir, ["merge-base", "--is-ancestor", current, sha]);
    if (code !== 0) {
      throw refuse(422, "Update is not a fast forward");
    }
  }
  await move(call, name, [sha, current]);
  return ok(await shown(call, name));
}

async function move(
  call: RepositoryCall,
  name: string,
  [sha, old]: readonly [string, string],
): Promise<void> {
  const { code } = await tryGit(call.repository.gitDir, ["update-ref", name, sha, old]);
  if (code !== 0) {
    throw refuse(409, "Reference cannot be updated");
  }
  await syncPulls(call.hub, call.repository);
}

function writableRef(call: RepositoryCall): string {
  const name = `refs/${call.params["ref"] ?? ""}`;
  refuseReserved(name);
  return name;
}

/** `refs/pull/` is GitHub's own. */
function refuseReserved(name: string): void {
  if (name.startsWith("refs/pull/")) {
    throw refuse(422, "Reference name is reserved");
  }
}

async function targetOf(call: RepositoryCall, name: string): Promise<string | null> {
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", name];
  const { code, stdout } = await tryGit(call.repository.gitDir, args);
  return code === 0 ? stdout.toString("utf8").trim() : null;
}

/** A branch points at a commit; other references may point at anything. */
async function checkedTarget(call: RepositoryCall, sha: string, name: string): Promise<void> {
  const { gitDir } = call.repository;
  const isCommit = (await commitOf(gitDir, sha)) === sha;
  const isThere = name.startsWith("refs/heads/")
    ? isCommit
    : sha.length === 40 && (await typeOf(gitDir, sha)) !== null;
  if (!isThere) {
    throw refuse(422, "Object does not exist");
  }
}
