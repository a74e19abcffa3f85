import { diffOf } from "./diff.ts";
import { git } from "./git-store.ts";
import { plainText } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { accountNamed, noReplyHost, nodeIdOf, timeOf } from "./state.ts";
import type { Hub, Repository } from "./state.ts";
import { repositoryUrl, userView } from "./views-base.ts";
import { fileView } from "./views-pulls.ts";

const unsigned: JsonObject = {
  verified: false,
  reason: "unsigned",
  signature: null,
  payload: null,
  verified_at: null,
};

/** The account of an address that GitHub itself gives; null for any other. */
function accountOf(hub: Hub, { email }: JsonObject): JsonObject | null {
  const [login = "", host] = plainText(email).split("@");
  const account = host === noReplyHost ? accountNamed(hub, login) : null;
  return account === null ? null : userView(hub, account);
}

function personOf({ name, email }: JsonObject): JsonObject {
  return { name, email };
}

function utcOf(date: string | undefined): string {
  return timeOf(Date.parse(date ?? ""));
}

/** What git knows of a commit. */
interface CommitFacts {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: JsonObject;
  readonly committer: JsonObject;
  readonly message: string;
}

/** A commit as the repository's pages show it. */
export async function commitView(
  hub: Hub,
  repository: Repository,
  sha: string,
): Promise<JsonObject> {
  const facts = await factsOf(repository, sha);
  const root = repositoryUrl(hub, repository);
  const web = `${hub.webUrl}/${repository.fullName}/commit`;
  return {
    sha,
    node_id: nodeIdOf("C", sha),
    url: `${root}/commits/${sha}`,
    html_url: `${web}/${sha}`,
    comments_url: `${root}/commits/${sha}/comments`,
    commit: {
      url: `${root}/git/commits/${sha}`,
      author: facts.author,
      committer: facts.committer,
      message: facts.message,
      tree: { sha: facts.tree, url: `${root}/git/trees/${facts.tree}` },
      comment_count: 0,
      verification: unsigned,
    },
    author: accountOf(hub, facts.author),
    committer: accountOf(hub, facts.committer),
    parents: facts.parents.map((parent) => ({
      sha: parent,
      url: `${root}/commits/${parent}`,
      html_url: `${web}/${parent}`,
    })),
  };
}

/** A commit with what it changed. */
export async function commitWithFiles(
  hub: Hub,
  repository: Repository,
  sha: string,
): Promise<JsonObject> {
  const view = await commitView(hub, repository, sha);
  const { parents } = await factsOf(repository, sha);
  const empty = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
  const files = await diffOf(repository.gitDir, { from: parents[0] ?? empty, to: sha });
  const additions = files.reduce((total, file) => total + file.additions, 0);
  const deletions = files.reduce((total, file) => total + file.deletions, 0);
  return {
    ...view,
    stats: { additions, deletions, total: additions + deletions },
    files: files.map((file) => fileView(hub, repository, { file, commit: sha })),
  };
}

/** A commit as the git database shows it. */
export async function gitCommitView(
  hub: Hub,
  repository: Repository,
  sha: string,
): Promise<JsonObject> {
  const facts = await factsOf(repository, sha);
  const root = `${repositoryUrl(hub, repository)}/git`;
  const web = `${hub.webUrl}/${repository.fullName}/commit`;
  return {
    sha,
    node_id: nodeIdOf("C", sha),
    url: `${root}/commits/${sha}`,
    html_url: `${web}/${sha}`,
    author: facts.author,
    committer: facts.committer,
    message: facts.message,
    tree: { sha: facts.tree, url: `${root}/trees/${facts.tree}` },
    parents: facts.parents.map((parent) => ({
      sha: parent,
      url: `${root}/commits/${parent}`,
      html_url: `${web}/${parent}`,
    })),
    verification: unsigned,
  };
}

export function refView(
  hub: Hub,
  repository: Repository,
  ref: { readonly name: string; readonly sha: string; readonly type: string },
): JsonObject {
  const root = `${repositoryUrl(hub, repository)}/git`;
  return {
    ref: ref.name,
    node_id: nodeIdOf("REF", Buffer.from(ref.name).toString("base64url")),
    url: `${root}/${ref.name}`,
    object: { type: ref.type, sha: ref.sha, url: `${root}/${ref.type}s/${ref.sha}` },
  };
}

/** The head of a branch in the few fields that checks and pushes show. */
export async function simpleCommitView(repository: Repository, sha: string): Promise<JsonObject> {
  const facts = await factsOf(repository, sha);
  return {
    id: sha,
    tree_id: facts.tree,
    message: facts.message,
    timestamp: facts.committer["date"] ?? "",
    author: personOf(facts.author),
    committer: personOf(facts.committer),
  };
}

async function factsOf({ gitDir }: Repository, sha: string): Promise<CommitFacts> {
  const format = ["%H", "%T", "%P", "%an", "%ae", "%aI", "%cn", "%ce", "%cI", "%B"].join("%x00");
  const text = await git(gitDir, ["show", "--no-patch", `--format=${format}`, sha]);
  const [id, tree, parents, an, ae, ad, cn, ce, cd, ...message] = text.split("\0");
  return {
    sha: id ?? "",
    tree: tree ?? "",
    parents: (parents ?? "").split(" ").filter((parent) => parent !== ""),
    author: { name: an ?? "", email: ae ?? "", date: utcOf(ad) },
    committer: { name: cn ?? "", email: ce ?? "", date: utcOf(cd) },
    message: message.join("\0").replace(/\n+$/u, ""),
  };
}
