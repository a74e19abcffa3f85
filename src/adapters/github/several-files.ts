import { SkeinError } from "../../core/base/errors.ts";
import { isLooseObject, ownObject, ownText, ownValue } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { byteLength } from "../../core/base/text.ts";
import { hostingErrors } from "../../core/hosting/index.ts";
import type { RepositoryName } from "../../core/hosting/index.ts";
import { isFailure } from "./failures.ts";
import { countOf } from "./shapes.ts";
import type { Wire } from "./wire.ts";

/** What one question says of a file. `unclear`: only its own read tells, as of a link, and of what is large or no plain text. */
export type FileLook = { readonly text: string } | "none" | "unclear";

export interface FilesAsked {
  readonly name: RepositoryName;
  readonly paths: readonly string[];
  /** A SHA, or a full ref. */
  readonly revision: string;
}

/** Anything else would be an expression of git's, which the host would follow. */
const revisionShape = /^(?:refs\/[^\s~^:?*[\\]+|[\da-f]{40}|[\da-f]{64})$/u;

/** The modes of a regular file and of one that can be run; a link's text is only where it leads. */
const fileModes: ReadonlySet<number | null> = new Set([0o100_644, 0o100_755]);

/**
 * Asks for several files at once, by the host's other language: one look for each path, in their order. Null where the host answers nothing of use to that, as an
 * old one; then each is to be asked for by itself.
 *
 * @throws {SkeinError} SKN-7651
 */
export async function askForFiles(
  wire: Wire,
  { name, paths, revision }: FilesAsked,
): Promise<readonly FileLook[] | null> {
  if (!revisionShape.test(revision)) {
    return null;
  }
  const [owner = "", repo = ""] = name.split("/");
  const named = Object.fromEntries(paths.map((path, at) => [`path${String(at)}`, path]));
  try {
    const data = await wire.graph.query(queryFor(paths.length), {
      owner,
      repo,
      revision,
      ...named,
    });
    return looksIn(ownValue(ownObject(data, "repository"), "object"), paths);
  } catch (error) {
    if (error instanceof SkeinError && !isFailure(error, hostingErrors.unreachable)) {
      return null;
    }
    throw error;
  }
}

/** Differs by how many paths there are, and by nothing else. */
function queryFor(count: number): string {
  const all = Array.from({ length: count }, (_, at) => String(at));
  return `query SkeinFiles($owner: String!, $repo: String!, $revision: String!${all.map((at) => `, $path${at}: String!`).join("")}) {
  repository(owner: $owner, name: $repo) {
    object(expression: $revision) {
      __typename
      ... on Commit {
${all.map((at) => `        file${at}: file(path: $path${at}) { ...SkeinFile }`).join("\n")}
      }
    }
  }
}
fragment SkeinFile on TreeEntry {
  mode
  object { __typename ... on Blob { byteSize isBinary isTruncated text } }
}`;
}

function looksIn(object: unknown, paths: readonly string[]): readonly FileLook[] | null {
  if (object === null) {
    // There is no such revision, and so no file of it.
    return paths.map(() => "none");
  }
  // What a tag names is not followed here.
  return isLooseObject(object) && ownText(object, "__typename") === "Commit"
    ? paths.map((_, at) => lookAt(ownValue(object, `file${String(at)}`)))
    : null;
}

function lookAt(entry: unknown): FileLook {
  if (entry === null) {
    return "none";
  }
  const text =
    isLooseObject(entry) && fileModes.has(countOf(entry, "mode")) ? wholeText(entry) : null;
  return text === null ? "unclear" : { text };
}

/** Null where the text is not the file byte for byte: cut, binary, or brought over from another encoding. */
function wholeText(entry: LooseObject): string | null {
  const blob = ownObject(entry, "object");
  const text = ownText(blob, "text");
  const isPlain = ownValue(blob, "isTruncated") === false && ownValue(blob, "isBinary") !== true;
  return isPlain && text !== null && byteLength(text) === countOf(blob, "byteSize") ? text : null;
}
