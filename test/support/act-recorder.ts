import childProcess, { ChildProcess } from "node:child_process";
import { hash } from "node:crypto";
import { lstatSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { Socket } from "node:net";
import { join } from "node:path";

/** What this process did to the world around it. */
export interface Acts {
  /** The words of every program that was started, the program first. */
  readonly programs: readonly (readonly string[])[];
  /** Every address that was connected to, as `127.0.0.1:80`. */
  readonly addresses: ReadonlySet<string>;
}

/** Writes down every program that is started and every connection that is made while `work` runs. */
export async function recordActs(work: () => Promise<void>): Promise<Acts> {
  const programs: (readonly string[])[] = [];
  const addresses = new Set<string>();
  const undo = [
    wrap(ChildProcess.prototype, "spawn", ([options]) => {
      programs.push(wordsOf(options));
    }),
    ...(["spawnSync", "execFileSync", "execSync"] as const).map((name) =>
      wrap(childProcess, name, (words) => {
        programs.push(words.flat().filter((word) => typeof word === "string"));
      }),
    ),
    wrap(Socket.prototype, "connect", (words) => {
      addresses.add(addressOf(words.flat()));
    }),
  ];
  syncBuiltinESMExports();
  try {
    await work();
  } finally {
    for (const restore of undo) {
      restore();
    }
    syncBuiltinESMExports();
  }
  return { programs, addresses };
}

/** Puts a listener before a method, and gives what takes it away again. */
function wrap(owner: object, name: string, hear: (words: unknown[]) => void): () => void {
  const before: unknown = Reflect.get(owner, name);
  if (typeof before !== "function") {
    throw new TypeError(`nothing to be heard: ${name}`);
  }
  const heard = function heard(this: unknown, ...words: unknown[]): unknown {
    hear(words);
    return Reflect.apply(before, this, words);
  };
  Reflect.set(owner, name, heard);
  return () => {
    Reflect.set(owner, name, before);
  };
}

function wordsOf(options: unknown): readonly string[] {
  const words: unknown =
    typeof options === "object" && options !== null ? Reflect.get(options, "args") : [];
  return Array.isArray(words) ? words.map(String) : [];
}

function addressOf(words: readonly unknown[]): string {
  const [options] = words;
  if (typeof options !== "object" || options === null) {
    return words.map(String).join(":");
  }
  const [host, port, path] = ["host", "port", "path"].map((name): unknown =>
    Reflect.get(options, name),
  );
  return typeof path === "string" ? path : `${String(host)}:${String(port)}`;
}

/** Every file and link below a folder with what it holds; the folders of `except` are left out. */
export function treeOf(folder: string, except: readonly string[]): ReadonlyMap<string, string> {
  const tree = new Map<string, string>();
  const walk = (path: string): void => {
    for (const name of readdirSync(path)) {
      const inner = join(path, name);
      const stats = lstatSync(inner);
      if (except.includes(inner)) {
        continue;
      }
      if (stats.isDirectory()) {
        tree.set(inner, "folder");
        walk(inner);
      } else {
        const content = stats.isSymbolicLink() ? readlinkSync(inner) : readFileSync(inner);
        tree.set(inner, hash("sha256", content));
      }
    }
  };
  walk(folder);
  return tree;
}
