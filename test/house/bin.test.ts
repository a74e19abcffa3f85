import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

/** Pretends to be an old Node: the version is what `skein.js` reads, all else is real. */
const asOldNode = `
  Object.defineProperty(process.versions, "node", { value: "16.20.2" });
  Object.defineProperty(process, "version", { value: "v16.20.2" });
  process.argv.splice(1, 0, process.env.SKEIN_BIN);
  require(process.env.SKEIN_BIN);
`;

let directory = "";
let bin = "";

/** A program that stands where the built command would, and says how it was started. */
const program = `
  const [verb] = process.argv.slice(2);
  if (verb === "wait") {
    process.on("SIGTERM", () => { console.log("told"); process.exit(7); });
    setInterval(() => {}, 1000);
    console.log("up");
  } else if (verb === "die") {
    process.kill(process.pid, "SIGKILL");
  } else {
    console.log(JSON.stringify({ node: process.versions.node, args: process.argv.slice(2) }));
    process.exitCode = 5;
  }
`;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "skein-bin-"));
  cpSync("bin", join(directory, "bin"), { recursive: true });
  writeFileSync(join(directory, "package.json"), JSON.stringify({ type: "module" }));
  mkdirSync(join(directory, "dist"));
  writeFileSync(join(directory, "dist/cli.cjs"), program);
  writeFileSync(join(directory, "dist/hook.cjs"), `console.log("hook");`);
  writeFileSync(join(directory, "dist/mcp.cjs"), `console.log("mcp");`);
  writeFileSync(join(directory, "dist/guard.cjs"), `console.log("guard");`);
  bin = join(directory, "bin/skein.js");
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe("skein.js on a good Node", () => {
  test("runs the built command with its arguments and exit code", () => {
    const { stdout, status } = spawnSync(process.execPath, [bin, "a", "b c"], { encoding: "utf8" });

    expect(JSON.parse(stdout)).toEqual({ node: process.versions.node, args: ["a", "b c"] });
    expect(status).toBe(5);
  });

  test("says what to do where the packages were not installed", () => {
    rmSync(join(directory, "dist"), { recursive: true });
    mkdirSync(join(directory, "src/cli"), { recursive: true });
    writeFileSync(join(directory, "src/cli/main.ts"), `import "@acme/not-here";`);

    const { stderr, status } = spawnSync(process.execPath, [bin, "status"], { encoding: "utf8" });

    expect(stderr).toBe(
      `skein could not start: the package @acme/not-here is not installed. Run \`npm ci\` in ${directory}.\n`,
    );
    expect(status).toBe(1);
  });

  test("runs the hooks' own program for hooks", () => {
    const { stdout } = spawnSync(process.execPath, [bin, "hook", "claude"], { encoding: "utf8" });

    expect(stdout).toBe("hook\n");
  });

  test("runs the server's own program for a host, and the command line when anything is asked of it", () => {
    const host = spawnSync(process.execPath, [bin, "mcp"], { encoding: "utf8" });
    const person = spawnSync(process.execPath, [bin, "mcp", "--help"], { encoding: "utf8" });

    expect(host.stdout).toBe("mcp\n");
    expect(JSON.parse(person.stdout)).toMatchObject({ args: ["mcp", "--help"] });
  });

  test.each([
    ["pre-commit", "guard\n", 0],
    ["commit-msg", "guard\n", 0],
    ["pre-push", "guard\n", 0],
    ["--help", expect.stringContaining("--help"), 5],
  ])("runs the guard's own program for git: %s", (word, said, code) => {
    const { stdout, status } = spawnSync(process.execPath, [bin, "guard", word], {
      encoding: "utf8",
    });

    expect({ stdout, status }).toEqual({ stdout: said, status: code });
  });

  test("runs where the cache folder cannot be made", () => {
    const env = { ...process.env, XDG_CACHE_HOME: "/dev/null" };
    const { status, stderr } = spawnSync(process.execPath, [bin], { env, encoding: "utf8" });

    expect({ status, stderr }).toEqual({ status: 5, stderr: "" });
  });
});

describe("skein.js on an old Node", () => {
  test("says in one line what to do when there is no newer one, and exits with 3", () => {
    const { stdout, stderr, status } = runOld([], environment());

    expect(stdout).toBe("");
    expect(stderr).toMatch(
      /^skein needs Node 22\.18 or newer and was started on v16\.20\.2: [^\n]+\n$/,
    );
    expect(status).toBe(3);
  });

  test("runs the same command on the Node that the project brings", () => {
    mkdirSync(join(directory, "node_modules/node/bin"), { recursive: true });
    symlinkSync(process.execPath, join(directory, "node_modules/node/bin/node"));

    const { stdout, status } = runOld(["x", "--json"], environment());

    expect(JSON.parse(String(stdout))).toEqual({
      node: process.versions.node,
      args: ["x", "--json"],
    });
    expect(status).toBe(5);
  });

  test("passes over a file that is no Node", () => {
    const { status } = runOld([], environment({ SKEIN_NODE: "/bin/false" }));

    expect(status).toBe(3);
  });

  test("hands a signal on, and ends with the exit code of the newer one", async () => {
    const env = environment({ SKEIN_NODE: process.execPath });
    const child = spawn(process.execPath, ["-e", asOldNode, "--", "wait"], { env, cwd: directory });
    const output: string[] = [];
    child.stdout.setEncoding("utf8").on("data", (text: string) => output.push(text));
    await once(child.stdout, "data");

    child.kill("SIGTERM");
    const [code] = (await once(child, "close")) as readonly unknown[];

    expect(output.join("")).toBe("up\ntold\n");
    expect(code).toBe(7);
  });

  test("ends by the signal that ended the newer one", () => {
    const { signal } = runOld(["die"], environment({ SKEIN_NODE: process.execPath }));

    expect(signal).toBe("SIGKILL");
  });
});

function environment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { ...process.env, SKEIN_NODE: "", SKEIN_BIN: bin, ...more };
}

function runOld(args: readonly string[], env: NodeJS.ProcessEnv): ReturnType<typeof spawnSync> {
  const options = { env, cwd: directory, encoding: "utf8" } as const;
  return spawnSync(process.execPath, ["-e", asOldNode, "--", ...args], options);
}
