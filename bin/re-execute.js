// On an old Node: finds a newer one and runs the same command on it. Old syntax on purpose; see skein.js.
"use strict";

var childProcess = require("child_process");
var fs = require("fs");
var os = require("os");
var path = require("path");

/** What a host or a shell sends to end, pause or wake a long-lived `skein mcp`. */
var FORWARDED =
  process.platform === "win32"
    ? ["SIGINT", "SIGTERM", "SIGHUP"]
    : ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR2"];

/**
 * Runs `file` on a Node that is at least `oldest`: SKEIN_NODE, else the `node` package installed at or above `file`. Where there
 * is none, says so in one line and exits with 3 (configuration).
 */
exports.reExecute = function reExecute(oldest, file) {
  var newer = firstNewEnough(candidates(file), oldest);
  if (newer === null) {
    var wanted = "skein needs Node " + oldest.join(".") + " or newer";
    var wish = "install one from https://nodejs.org, or set SKEIN_NODE to the path of one";
    process.stderr.write(wanted + " and was started on " + process.version + ": " + wish + ".\n");
    process.exit(3);
  }
  run(newer, [file].concat(process.argv.slice(2)));
};

function candidates(file) {
  var name = process.platform === "win32" ? "node.exe" : "node";
  var found = process.env.SKEIN_NODE ? [process.env.SKEIN_NODE] : [];
  // Not those of the current folder: that may be a repository just cloned, whose "node" is any program at all.
  foldersUpward(path.dirname(file)).forEach(function (folder) {
    found.push(path.join(folder, "node_modules", "node", "bin", name));
    found.push(path.join(folder, "node_modules", ".bin", name));
  });
  return found;
}

function foldersUpward(folder) {
  var parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder].concat(foldersUpward(parent));
}

function firstNewEnough(nodes, oldest) {
  for (var i = 0; i < nodes.length; i += 1) {
    if (fs.existsSync(nodes[i]) && isNewEnough(nodes[i], oldest)) {
      return nodes[i];
    }
  }
  return null;
}

function isNewEnough(node, oldest) {
  var answer = childProcess.spawnSync(node, ["--version"], { encoding: "utf8", timeout: 5000 });
  var version = /^v(\d+)\.(\d+)\./.exec(answer.stdout || "");
  if (version === null) {
    return false;
  }
  var major = Number(version[1]);
  return major > oldest[0] || (major === oldest[0] && Number(version[2]) >= oldest[1]);
}

function run(node, args) {
  var child = childProcess.spawn(node, args, { stdio: "inherit" });
  FORWARDED.forEach(function (signal) {
    process.on(signal, function () {
      // A terminal sends Ctrl-C to both of us: passing it on would make two of one.
      if (signal !== "SIGINT" || !process.stdin.isTTY) {
        child.kill(signal);
      }
    });
  });
  child.on("error", function (error) {
    process.stderr.write("skein could not start " + node + ": " + error.message + "\n");
    process.exit(3);
  });
  child.on("exit", function (code, signal) {
    endAs(code, signal);
  });
}

/** Ends this process as its child ended, so that whoever waits cannot tell the two apart. */
function endAs(code, signal) {
  if (signal === null) {
    process.exit(code);
  }
  process.exitCode = 128 + (os.constants.signals[signal] || 0);
  FORWARDED.forEach(function (name) {
    process.removeAllListeners(name);
  });
  process.kill(process.pid, signal);
  // SIGKILL and SIGTERM have ended us by now; for a signal that this system ignores, the number says it.
  setTimeout(function () {
    process.exit();
  }, 200);
}
