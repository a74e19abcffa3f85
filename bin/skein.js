#!/usr/bin/env node
// The door of the `skein` command. This file and re-execute.js keep to the syntax of very old Nodes, so that each of
// them can say what is missing instead of failing to parse. The folder's package.json makes both CommonJS.
"use strict";

var OLDEST = [22, 18];
var running = process.versions.node.split(".").map(Number);

if (running[0] > OLDEST[0] || (running[0] === OLDEST[0] && running[1] >= OLDEST[1])) {
  require("./start.js");
} else {
  require("./re-execute.js").reExecute(OLDEST, __filename);
}
