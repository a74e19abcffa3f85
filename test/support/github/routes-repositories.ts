import { commitOf, git, mergeBaseOf, refsBelow, showFile, tryGit } from "./git-store.ts";
import { diffOf } from "./diff.ts";
import { objectIn, plainText, textIn } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { needs } from "./needs.ts";
import {
  callerOf,
  inRepository,
  nothing,
  notFound,
  numberParam,
  ok,
  page,
  refuse,
} from "./replies.ts";
import type { Reply, RepositoryCall, Route } from "./replies.ts";
import { syncPulls } from "./pull-sync.ts";
import { accountNamed, noReplyHost, nodeIdOf, timeOf } from "./state.ts";
import type { Ruleset } from "./state.ts";
import {
  fullRepositoryView,
  installationView,
  permissionsOf,
  repositoryUrl,
  roleOf,
  userView,
} from "./views-base.ts";
import { commitView, commitWithFiles } from "./views-git.ts";
import { fileView, pullNumbered, simplePullView } from "./views-pulls.ts";

/** The repository itself, its people, its branches and rules, and what git holds as people see it. */
export const repositoryRoutes: readonly Route[] = [
  inRepository("GET ", needs.metadata, (call) =>
    ok(fullRepositoryView(call.hub, call.repository, call.identity)),
  ),
  ...peopleRoutes(),
  ...branchRoutes(),
  ...commitRoutes(),
  inRepository("GET /contents/{path}", needs.readContents, showContents),
  inRepository("PUT /contents/{path}", needs.writeContents, writeContents),
];

function peopleRoutes(): readonly Route[] {
  return [
    inRepository("GET /collaborators/{username}", needs.pushers, (call) => {
      const account = accountNamed(call.hub, call.params["username"] ?? "");
      const isOne =
        account !== null &&
        (account.id === call.repository.owner.id ||
          call.repository.roles.has(account.login.toLowerCase()));
      if (!isOne) {
        throw notFound();
      }
      return nothing;
    }),
    inRepository("GET /collaborators/{username}/permission", needs.metadata, (call) => {
      const name = call.params["username"] ?? "";
      const account = accountNamed(call.hub, name);
      if (account === null) {
        throw refuse(404, `${name} is not a user`);
      }
      const role = roleOf(call.repository, account);
      // The old field knows four levels only: triage is read there, maintain is write.
      const levels: Readonly<Record<string, string>> = { triage: "read", maintain: "write" };
      return ok({
        permission: levels[role] ?? role,
        role_name: role,
        user: {
          ...userView(call.hub, account),
          permissions: permissionsOf(role),
          role_name: role,
        },
      });
    }),
    inRepository("GET /installation", needs.metadata, (call) => {
      const { app } = callerOf(call);
      const found = [...call.hub.installations.values()].find(
        (installation) =>
          installation.app.id === app?.id &&
          installation.account.id === call.repository.owner.id &&
          (installation.repositories === "all" ||
            installation.repositories.includes(call.repository.fullName)),
      );
      if (found === undefined) {
        throw notFound();
      }
      return ok(installationView(call.hub, found));
    }),
  ];
}

function branchRoutes(): readonly Route[] {
  return [
    inRepository("GET /branches", needs.readContents, async (call) => {
      const branches = await refsBelow(call.repository.gitDir, "refs/heads/");
      const root = repositoryUrl(call.hub, call.repository);
      return page(call, branches, ({ name, sha }) => {
        const short = name.slice("refs/heads/".length);
        const commit = { sha, url: `${root}/commits/${sha}` };
        return { name: short, commit, protected: rulesOf(call, short).length > 0 };
      });
    }),
    inRepository("GET /branches/{branch}", needs.readContents, async (call) => {
      const name = call.params["branch"] ?? "";
      const sha = await commitOf(call.repository.gitDir, `refs/heads/${name}`);
      if (sha === null) {
        throw refuse(404, "Branch not found");
      }
      const url = `${repositoryUrl(call.hub, call.repository)}/branches/${name}`;
      const isProtected = rulesOf(call, name).length > 0;
      return ok({
        name,
        commit: await commitView(call.hub, call.repository, sha),
        _links: { self: url, html: `${call.hub.webUrl}/${call.repository.fullName}/tree/${name}` },
        protected: isProtected,
        protection: { enabled: isProtected },
        protection_url: `${url}/protection`,
      });
    }),
    inRepository("GET /rules/branches/{branch}", needs.metadata, (call) =>
      page(call, rulesOf(call, call.params["branch"] ?? ""), (rule) => rule),
    ),
    inRepository("GET /rulesets", needs.metadata, (call) =>
      page(call, [...call.repository.rulesets.values()], (ruleset) => rulesetView(call, ruleset)),
    ),
    inRepository("GET /rulesets/{ruleset_id}", needs.metadata, (call) => {
      const ruleset = call.repository.rulesets.get(numberParam(call, "ruleset_id"));
      if (ruleset === undefined) {
        throw notFound();
      }
      const include = ruleset.branches.map((name) => `refs/heads/${name}`);
      return ok({
        ...rulesetView(call, ruleset),
        conditions: { ref_name: { include, exclude: [] } },
        rules: ruleset.rules,
      });
    }),
  ];
}

function rulesOf(call: RepositoryCall, branch: string): readonly JsonObject[] {
  return [...call.repository.rulesets.values()]
    .filter(({ branches }) => branches.includes(branch))
    .flatMap(({ id, rules }) =>
      rules.map((rule) => ({
        ...rule,
        ruleset_source_type: "Repository",
        ruleset_source: call.repository.fullName,
        ruleset_id: id,
      })),
    );
}

function rulesetView(call: RepositoryCall, ruleset: Ruleset): JsonObject {
  const root = repositoryUrl(call.hub, call.repository);
  return {
    id: ruleset.id,
    name: ruleset.name,
    target: "branch",
    source_type: "Repository",
    source: call.repository.fullName,
    enforcement: "active",
    node_id: nodeIdOf("RRS", ruleset.id),
    _links: { self: { href: `${root}/rulesets/${String(ruleset.id)}` } },
    created_at: timeOf(call.repository.createdAtMs),
    updated_at: timeOf(call.repository.createdAtMs),
  };
}

function commitRoutes(): readonly Route[] {
  return [
    inRepository("GET /commits", needs.readContents, async (call) => {
      const { gitDir, defaultBranch } = call.repository;
      const from = await commitOf(gitDir, call.query.get("sha") ?? defaultBranch);
      if (from === null) {
        throw notFound();
      }
      const path = call.query.get("path");
      const text = await git(gitDir, ["rev-list", from, ...(path === null ? [] : ["--", path])]);
      const commits = text.split("\n").filter((sha) => sha !== "");
      const reply = page(call, commits, (sha) => sha);
      const views = await Promise.all(
        reply.body.map((sha) => commitView(call.hub, call.repository, plainText(sha))),
      );
      return { ...reply, body: views };
    }),
    inRepository("GET /commits/{ref}", needs.readContents, async (call) => {
      const name = call.params["ref"] ?? "";
      const sha = await commitOf(call.repository.gitDir, name);
      if (sha === null) {
        throw refuse(422, `No commit found for SHA: ${name}`);
      }
      return ok(await commitWithFiles(call.hub, call.repository, sha));
    }),
    inRepository("GET /commits/{commit_sha}/pulls", needs.readPulls, async (call) => {
      const sha = await commitOf(call.repository.gitDir, call.params["commit_sha"] ?? "");
      const numbers: number[] = [];
      for (const pull of call.repository.pulls.values()) {
        const args = ["merge-base", "--is-ancestor", sha ?? "", pull.headSha];
        const isIn = sha !== null && (await tryGit(call.repository.gitDir, args)).code === 0;
        const inBase = ["merge-base", "--is-ancestor", sha ?? "", pull.baseSha];
        if (isIn && (await tryGit(call.repository.gitDir, inBase)).code !== 0) {
          numbers.push(pull.number);
        }
      }
      const found = numbers.flatMap((number) => pullNumbered(call.repository, number) ?? []);
      return page(call, found, (placed) => simplePullView(call.hub, placed));
    }),
    inRepository("GET /compare/{basehead}", needs.readContents, compare),
  ];
}

async function compare(call: RepositoryCall): Promise<Reply> {
  const { hub, repository } = call;
  const { gitDir } = repository;
  const [baseName = "", headName = ""] = (call.params["basehead"] ?? "").split("...");
  const base = await commitOf(gitDir, afterOwner(baseName));
  const head = await commitOf(gitDir, afterOwner(headName));
  const parted = base === null || head === null ? null : await mergeBaseOf(gitDir, base, head);
  if (base === null || head === null || parted === null) {
    throw notFound();
  }
  const list = async (range: string): Promise<readonly string[]> =>
    (await git(gitDir, ["rev-list", "--reverse", range])).split("\n").filter((sha) => sha !== "");
  const [ahead, behind] = [await list(`${base}..${head}`), await list(`${head}..${base}`)];
  const status =
    ahead.length > 0
      ? behind.length > 0
        ? "diverged"
        : "ahead"
      : behind.length > 0
        ? "behind"
        : "identical";
  const web = `${hub.webUrl}/${repository.fullName}/compare/${base}...${head}`;
  const files = await diffOf(gitDir, { from: parted, to: head });
  const commits = page(call, ahead, (sha) => sha);
  return {
    ...commits,
    body: {
      url: `${repositoryUrl(hub, repository)}/compare/${base}...${head}`,
      html_url: web,
      permalink_url: web,
      diff_url: `${web}.diff`,
      patch_url: `${web}.patch`,
      base_commit: await commitView(hub, repository, base),
      merge_base_commit: await commitView(hub, repository, parted),
      status,
      ahead_by: ahead.length,
      behind_by: behind.length,
      total_commits: ahead.length,
      commits: await Promise.all(
        commits.body.map((sha) => commitView(hub, repository, plainText(sha))),
      ),
      files: files.slice(0, 300).map((file) => fileView(hub, repository, { file, commit: head })),
    },
  };
}

/** `owner:branch` names the branch in the network of forks, which share their objects here. */
function afterOwner(name: string): string {
  return name.includes(":") ? name.slice(name.indexOf(":") + 1) : name;
}

interface Place {
  readonly path: string;
  readonly ref: string;
}

async function showContents(call: RepositoryCall): Promise<Reply> {
  const { gitDir, defaultBranch } = call.repository;
  const ref = call.query.get("ref") ?? defaultBranch;
  const path = (call.params["path"] ?? "").replace(/\/$/u, "");
  const commit = await commitOf(gitDir, ref);
  if (commit === null) {
    throw refuse(404, `No commit found for the ref ${ref}`);
  }
  const { code, stdout } = await tryGit(gitDir, ["cat-file", "-t", `${commit}:${path}`]);
  if (code !== 0) {
    throw notFound();
  }
  if (stdout.toString("utf8").trim() === "tree") {
    return ok(await folderView(call, commit, { path, ref }));
  }
  const content = (await showFile(gitDir, commit, path)) ?? Buffer.alloc(0);
  if (/\braw\b/u.test(call.headers.accept ?? "")) {
    return { status: 200, body: null, text: content.toString("utf8") };
  }
  const sha = await git(gitDir, ["rev-parse", `${commit}:${path}`]);
  const entry = entryView(call, { path, ref }, { type: "blob", sha, size: content.length });
  // From 1 MB on, the text is left out.
  const isLarge = content.length > 1024 * 1024;
  return ok({
    ...entry,
    content: isLarge ? "" : content.toString("base64").replaceAll(/.{60}/gu, "$&\n"),
    encoding: isLarge ? "none" : "base64",
  });
}

async function folderView(
  call: RepositoryCall,
  commit: string,
  { path, ref }: Place,
): Promise<Json> {
  const target = `${commit}:${path}`;
  const text = await git(call.repository.gitDir, ["ls-tree", "-z", "--long", target]);
  return text.split("\0").flatMap((line) => {
    const found = /^\d+ (\w+) ([\da-f]+) +(\S+)\t(.*)$/su.exec(line);
    if (found === null) {
      return [];
    }
    const [, type = "", sha = "", size = "", name = ""] = found;
    const place = { path: path === "" ? name : `${path}/${name}`, ref };
    return [entryView(call, place, { type, sha, size: size === "-" ? 0 : Number(size) })];
  });
}

function entryView(
  { hub, repository }: RepositoryCall,
  { path, ref }: Place,
  { type, sha, size }: { readonly type: string; readonly sha: string; readonly size: number },
): JsonObject {
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  const root = repositoryUrl(hub, repository);
  const isFile = type === "blob";
  const self = `${root}/contents/${encoded}?ref=${encodeURIComponent(ref)}`;
  const html = `${hub.webUrl}/${repository.fullName}/${isFile ? "blob" : "tree"}/${ref}/${encoded}`;
  const stored = `${root}/git/${isFile ? "blobs" : "trees"}/${sha}`;
  return {
    name: path.split("/").at(-1) ?? "",
    path,
    sha,
    size,
    url: self,
    html_url: html,
    git_url: stored,
    download_url: isFile ? `${hub.webUrl}/${repository.fullName}/raw/${ref}/${encoded}` : null,
    type: isFile ? "file" : type === "tree" ? "dir" : "submodule",
    _links: { self, git: stored, html },
  };
}

async function writeContents(call: RepositoryCall): Promise<Reply> {
  const { hub, repository, body } = call;
  const { gitDir } = repository;
  const branch = textIn(body, "branch") ?? repository.defaultBranch;
  const path = call.params["path"] ?? "";
  const tip = await commitOf(gitDir, `refs/heads/${branch}`);
  if (tip === null) {
    throw refuse(404, `Branch ${branch} not found`);
  }
  const old = await tryGit(gitDir, ["rev-parse", "--verify", "--quiet", `${tip}:${path}`]);
  const known = old.code === 0 ? old.stdout.toString("utf8").trim() : null;
  const expected = textIn(body, "sha");
  if (known !== null && expected === null) {
    throw refuse(422, 'Invalid request.\n\n"sha" wasn\'t supplied.');
  }
  if (known !== expected) {
    throw refuse(409, `${path} does not match ${expected ?? ""}`);
  }
  const input = Buffer.from(textIn(body, "content") ?? "", "base64");
  const blob = await git(gitDir, ["hash-object", "-w", "--stdin"], { input });
  const env = { GIT_INDEX_FILE: `${gitDir}/index-${String(hub.nextId())}` };
  await git(gitDir, ["read-tree", tip], { env });
  const line = `100644 ${blob}\t${path}\0`;
  await git(gitDir, ["update-index", "-z", "--add", "--index-info"], { env, input: line });
  const tree = await git(gitDir, ["write-tree"], { env });
  const { actor } = callerOf(call);
  const author = objectIn(body, "author") ?? {};
  const person = {
    GIT_AUTHOR_NAME: textIn(author, "name") ?? actor.login,
    GIT_AUTHOR_EMAIL: textIn(author, "email") ?? `${actor.login}@${noReplyHost}`,
  };
  const commit = await git(gitDir, ["commit-tree", tree, "-p", tip, "-F", "-"], {
    input: textIn(body, "message") ?? "",
    env: person,
  });
  await git(gitDir, ["update-ref", `refs/heads/${branch}`, commit, tip]);
  await syncPulls(hub, repository);
  const view = await commitView(hub, repository, commit);
  const inner = objectIn(view, "commit") ?? {};
  const { comment_count: _, ...kept } = inner;
  const place = { path, ref: branch };
  return ok(
    {
      content: entryView(call, place, { type: "blob", sha: blob, size: input.length }),
      commit: {
        ...kept,
        sha: commit,
        node_id: view["node_id"],
        url: inner["url"],
        html_url: view["html_url"],
        parents: view["parents"],
      },
    },
    known === null ? 201 : 200,
  );
}
