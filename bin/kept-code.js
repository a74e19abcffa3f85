// Runs a program of one file with the code that V8 compiled in its earlier runs. Node's own cache keeps a file as it is right after
// loading, before any of its functions ran, so that a short program compiles most of what it runs anew each time.
"use strict";

const { mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { dirname, join } = require("node:path");
const { constants, Script } = require("node:vm");
const { cacheFolder, isPrivate } = require("./cache-folder.js");

/** How a built program begins: with a hash of itself. V8 compares no more of a text than its length. */
const stamp = /^\/\/([0-9a-f]{16})\n/;
const stampBytes = 16;
const tailBytes = stampBytes + 1;

/** What an earlier run left: the code, and the kinds of runs whose functions are in it. Null when it is of another build. */
function readKept(folder, name, build) {
  try {
    if (!isPrivate(folder)) {
      return null;
    }
    const bytes = readFileSync(join(folder, name));
    const end = bytes.length - tailBytes;
    return bytes.latin1Slice(end, end + stampBytes) === build
      ? { code: bytes.subarray(0, end), kinds: bytes[bytes.length - 1] }
      : null;
  } catch {
    return null;
  }
}

/** Whoever reads it meanwhile has the old file or the new one. Where nothing can be kept, the next run merely takes longer. */
function keep(folder, name, bytes) {
  const draft = join(folder, `${name}.${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (isPrivate(folder)) {
      // On the disk before it has its name: V8 does not look for pages that a power cut left empty.
      writeFileSync(draft, bytes, { mode: 0o600, flag: "wx", flush: true });
      renameSync(draft, join(folder, name));
    }
  } catch {
    discard(draft);
  }
}

function discard(file) {
  try {
    unlinkSync(file);
  } catch {
    // It was not even begun.
  }
}

/**
 * Runs the program; what it compiled is kept when it ends. It may export `kinds()`, bits that say which of its ways this run took: the code
 * is kept again when they are not all in it. It loads further files with `module.loadLate(path)`, a path from its own folder.
 */
exports.runKept = function runKept(file, { name, loadLate }) {
  const source = readFileSync(file, "latin1");
  const build = stamp.exec(source)?.[1] ?? null;
  const folder = cacheFolder("kept");
  const kept = build === null ? null : readKept(folder, name, build);
  const script = new Script(
    `(function (exports, require, module, __filename, __dirname) {${source}\n})`,
    {
      filename: file,
      cachedData: kept?.code,
      // Without it no package could be imported late, as the database's.
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    },
  );
  const program = { exports: {}, loadLate: (path) => loadLate(join(dirname(file), path)) };
  const run = script.runInThisContext();
  run.call(program.exports, program.exports, createRequire(file), program, file, dirname(file));
  const known = kept === null || script.cachedDataRejected ? 0 : kept.kinds;
  process.once("exit", () => {
    const kinds = known | (program.exports.kinds?.() ?? 1);
    if (build !== null && kinds !== known) {
      const tail = Buffer.from(`${build}${String.fromCharCode(kinds)}`, "latin1");
      keep(folder, name, Buffer.concat([script.createCachedData(), tail]));
    }
  });
};
