// Keeps V8's compiled code between runs in a folder of the user's own. Node's default is a shared temporary folder, where
// another user of the machine could plant code for us to run.
"use strict";

const { mkdirSync, statSync } = require("node:fs");
const { enableCompileCache } = require("node:module");
const { homedir } = require("node:os");
const { join } = require("node:path");

function cacheHome() {
  const { env, platform } = process;
  if (platform === "win32") {
    return env.LOCALAPPDATA ?? join(homedir(), "AppData", "Local");
  }
  if (platform === "darwin") {
    return join(homedir(), "Library", "Caches");
  }
  return env.XDG_CACHE_HOME || join(homedir(), ".cache");
}

function isPrivate(directory) {
  if (process.platform === "win32") {
    return true;
  }
  const { uid, mode } = statSync(directory);
  return uid === process.getuid() && (mode & 0o022) === 0;
}

/** Turns the cache on. Where the folder cannot be made or is open to others, the command merely starts slower. */
exports.enablePrivateCompileCache = function enablePrivateCompileCache() {
  try {
    const directory = join(cacheHome(), "skein", "compiled");
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (isPrivate(directory)) {
      enableCompileCache(directory);
    }
  } catch {
    // A read-only or missing home is no reason to stop.
  }
};
