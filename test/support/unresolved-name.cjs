// Loaded before a program: the name `database.test` is this machine, until the file that SKEIN_TEST_UNRESOLVED names is there.
"use strict";

const dns = require("node:dns");
const { existsSync } = require("node:fs");

const { lookup } = dns;

dns.lookup = (name, options, callback) => {
  const answer = typeof options === "function" ? options : callback;
  if (name !== "database.test") {
    lookup(name, options, callback);
  } else if (existsSync(process.env["SKEIN_TEST_UNRESOLVED"])) {
    const words = `getaddrinfo ENOTFOUND ${name}`;
    process.nextTick(() => answer(Object.assign(new Error(words), { code: "ENOTFOUND" })));
  } else {
    lookup("127.0.0.1", typeof options === "function" ? {} : options, answer);
  }
};
