// The folder of the user's own in which compiled code is kept between runs. Node's default is a shared temporary folder, where
// another user of the machine could plant code for us to run.
"use strict";

const { statSync } = require("node:fs");
const { join } = require("node:path");

function cacheHome() {
  const { env, platform } = process;
  // The module that knows the home folder takes longer than reading what is kept there.
  const home = () => env.HOME || require("node:os").homedir();
  if (platform === "win32") {
    return env.LOCALAPPDATA ?? join(require("node:os").homedir(), "AppData", "Local");
  }
  if (platform === "darwin") {
    return join(home(), "Library", "Caches");
  }
  return env.XDG_CACHE_HOME || join(home(), ".cache");
}

/** Where a kind of compiled code is kept. */
exports.cacheFolder = function cacheFolder(kind) {
  return join(cacheHome(), "skein", kind);
};

/** True when nobody else may write there. @throws when there is no such folder. */
exports.isPrivate = function isPrivate(folder) {
  if (process.platform === "win32") {
    return true;
  }
  const { uid, mode } = statSync(folder);
  return uid === process.getuid() && (mode & 0o022) === 0;
};
