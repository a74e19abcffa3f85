// Lets Node keep the compiled code of what it loads between runs.
"use strict";

const { mkdirSync } = require("node:fs");
const { enableCompileCache } = require("node:module");
const { cacheFolder, isPrivate } = require("./cache-folder.js");

/** Turns the cache on. Where the folder cannot be made or is open to others, the command merely starts slower. */
exports.enablePrivateCompileCache = function enablePrivateCompileCache() {
  try {
    const folder = cacheFolder("compiled");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (isPrivate(folder)) {
      enableCompileCache(folder);
    }
  } catch {
    // A read-only or missing home is no reason to stop.
  }
};
