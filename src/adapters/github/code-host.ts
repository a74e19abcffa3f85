import { ownObject, ownText, ownValue } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { permissions } from "../../core/hosting/index.ts";
import type {
  CodeHost,
  Permission,
  Repository,
  RepositoryName,
  User,
} from "../../core/hosting/index.ts";
import { createChecks } from "./checks.ts";
import { createFiles } from "./files.ts";
import { createIssues } from "./issues.ts";
import { once } from "./once.ts";
import { createPulls } from "./pulls.ts";
import { needId, needName, needObject, needText } from "./shapes.ts";
import { viewerQuery } from "./thread-queries.ts";
import { createWire, inRepository } from "./wire.ts";
import type { Wire, WireOptions } from "./wire.ts";

/** One repository and how it is reached. */
export interface CodeHostOptions extends WireOptions {
  readonly name: RepositoryName;
  /** Who the token is, where that is known already. */
  readonly self?: User | undefined;
  /** Gives the token back. */
  readonly release?: (() => Promise<void>) | undefined;
}

/** Opens one repository on GitHub or a GitHub Enterprise server. Nothing is asked before it is needed. */
export function createCodeHost(options: CodeHostOptions): CodeHost {
  const { name, release } = options;
  const wire = inRepository(createWire(options), name);
  let known = options.self ?? null;
  const self = once(async () => known ?? askSelf(wire, options.token));
  const onViewer = (viewer: LooseObject): void => {
    known ??= Object.hasOwn(viewer, "login") ? viewerOf(viewer, options.token) : null;
  };
  const parts = { wire, self };
  return {
    name,
    self,
    repository: async () => readRepository(await wire.read("GET /repos/{owner}/{repo}")),
    permissionOf: async (login) => permissionOf(wire, login),
    issues: createIssues(parts),
    pulls: createPulls(parts, { name, onViewer }),
    checks: createChecks(wire),
    files: createFiles(wire, name),
    close: async () => release?.(),
  };
}

async function askSelf(wire: Wire, token: string | null): Promise<User> {
  return viewerOf(ownObject(await wire.graph.query(viewerQuery, {}), "viewer"), token);
}

function viewerOf(viewer: LooseObject, token: string | null): User {
  const name = needText(viewer, "login");
  // The start of a token says that it is an App's; whether the name says so too depends on the host's version.
  const isBot = name.endsWith("[bot]") || token?.startsWith("ghs_") === true;
  return {
    id: needId(viewer, "databaseId"),
    login: isBot && !name.endsWith("[bot]") ? `${name}[bot]` : name,
    kind: isBot ? "bot" : "person",
  };
}

function readRepository(value: unknown): Repository {
  const repository = needObject(value, "the repository");
  return {
    id: needId(repository, "id"),
    name: needName(repository, "full_name"),
    isPrivate: ownValue(repository, "private") !== false,
    defaultBranch: needText(repository, "default_branch"),
  };
}

async function permissionOf(wire: Wire, login: string): Promise<Permission> {
  if (!/^[\w-]{1,100}(?:\[bot\])?$/u.test(login)) {
    return "none";
  }
  const route = "GET /repos/{owner}/{repo}/collaborators/{username}/permission";
  const found = await wire.find(route, { username: login });
  if (found === null) {
    return "none";
  }
  const answer = needObject(found, "the permission");
  // A role of an organisation's own making has no word here; the older field has what it amounts to.
  const words = [ownText(answer, "role_name"), ownText(answer, "permission")];
  return words.flatMap((word) => permissions.find((each) => each === word) ?? []).at(0) ?? "none";
}
