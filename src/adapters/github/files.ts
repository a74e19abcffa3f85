import { SkeinError } from "../../core/base/errors.ts";
import { isLooseObject, ownObject, ownText } from "../../core/base/loose-object.ts";
import { hostingErrors } from "../../core/hosting/index.ts";
import type { FileHost, RepositoryName } from "../../core/hosting/index.ts";
import { isFailure } from "./failures.ts";
import { askForFiles } from "./several-files.ts";
import { countOf, garbled, needObject, needText } from "./shapes.ts";
import type { Wire } from "./wire.ts";

const maxFileBytes = 1_024 * 1_024;

/** A tag may name a tag, and that another. */
const maxTags = 5;

export function createFiles(wire: Wire, name: RepositoryName): FileHost {
  const read: FileHost["read"] = async (path, revision) => {
    if (!isPlainPath(path)) {
      return null;
    }
    const route = "GET /repos/{owner}/{repo}/contents/{path}";
    const found = await wire.find(route, { path, ref: revision });
    return isLooseObject(found) && ownText(found, "type") === "file" ? textOf(found, path) : null;
  };
  return {
    read,
    readFirst: async (paths, revision) => {
      const plain = paths.filter(isPlainPath);
      const looks =
        plain.length < 2 ? null : await askForFiles(wire, { name, paths: plain, revision });
      for (const [at, path] of plain.entries()) {
        const look = looks?.at(at) ?? "unclear";
        const text =
          typeof look === "object"
            ? look.text
            : look === "none"
              ? null
              : await read(path, revision);
        if (text !== null) {
          return { path, text };
        }
      }
      return null;
    },
    resolve: async (ref) => {
      const short = /^refs\/(?<name>[^\s~^:?*[\\]+)$/u.exec(ref)?.groups?.["name"];
      return short === undefined || !isPlainPath(short) ? null : commitOf(wire, short);
    },
  };
}

/** Names that a parser of addresses would read as steps upwards are none of files and branches. */
function isPlainPath(path: string): boolean {
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

function textOf(file: Readonly<Record<string, unknown>>, path: string): string {
  const size = countOf(file, "size") ?? 0;
  if (size > maxFileBytes || ownText(file, "encoding") === "none") {
    throw new SkeinError(hostingErrors.rejected, {
      message: `A file is larger than Skein reads from a code host (1 MB).`,
      facts: { path, size_bytes: size },
    });
  }
  const content = needText(file, "content");
  if (ownText(file, "encoding") !== "base64") {
    throw garbled("encoding");
  }
  return Buffer.from(content, "base64").toString("utf8");
}

async function commitOf(wire: Wire, name: string): Promise<string | null> {
  const found = await found404(async () =>
    wire.find("GET /repos/{owner}/{repo}/git/ref/{ref}", { ref: name }),
  );
  let object = found === null ? {} : ownObject(needObject(found, "the ref"), "object");
  for (let depth = 0; depth < maxTags && ownText(object, "type") === "tag"; depth += 1) {
    const route = "GET /repos/{owner}/{repo}/git/tags/{tag_sha}";
    const tag = await wire.find(route, { tag_sha: needText(object, "sha") });
    object = tag === null ? {} : ownObject(needObject(tag, "the tag"), "object");
  }
  return ownText(object, "type") === "commit" ? needText(object, "sha") : null;
}

/** An empty repository answers 409 for every ref. */
async function found404(ask: () => Promise<unknown>): Promise<unknown> {
  try {
    return await ask();
  } catch (error) {
    if (isFailure(error, hostingErrors.rejected, 409)) {
      return null;
    }
    throw error;
  }
}
