import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { removeRepositories } from "../../adapters/git/repositories.ts";
import { aCommandLine } from "../command-line.ts";
import type { CommandLine } from "../command-line.ts";

afterAll(removeRepositories);

const mark = "# Skein's guard. `skein init --remove` takes it away.";
const [first, second] = ["#!/bin/sh\necho first\n", "#!/bin/sh\necho second\n"];
const message = ".git/hooks/commit-msg";
const commit = ".git/hooks/pre-commit";

let line: CommandLine;

beforeEach(() => {
  line = aCommandLine();
});

function at(path: string): string {
  return join(line.repository.root, path);
}

function hook(path: string, text: string, mode = 0o755): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
  chmodSync(at(path), mode);
}

function read(path: string): string {
  return readFileSync(at(path), "utf8");
}

async function init(words = ""): Promise<string> {
  const { code, err } = await line.skein(`init --yes --agents none${words}`);
  expect(code, err).toBe(0);
  return err;
}

/** What the hook says when git runs it. */
function run(path: string): string {
  return spawnSync(at(path), ["message"], { cwd: at("."), encoding: "utf8" }).stdout;
}

/** How often a commit asks Skein. */
function guardsIn(...paths: readonly string[]): number {
  return paths
    .map((path) => read(path).split(/ guard [a-z-]+ "\$@"/u).length - 1)
    .reduce((all, each) => all + each, 0);
}

describe("a second hook of a person's own, put over Skein's", () => {
  beforeEach(async () => {
    hook(message, first);
    await init();
    hook(message, second, 0o700);
  });

  test("is called, and the first one stays where it was kept and is told of", async () => {
    const said = await init();

    expect(read(`${message}.before-skein`)).toBe(first);
    expect(read(`${message}.before-skein-2`)).toBe(second);
    expect(run(message)).toBe("second\n");
    expect(said).toContain(`called by none now: ${message}.before-skein.`);
    expect(await init()).toContain("No change");
  });

  test("comes back when Skein is taken out, with its mode, and the first one is left and told of", async () => {
    await init();

    const said = await init(" --remove");

    expect(read(message)).toBe(second);
    expect(statSync(at(message)).mode & 0o777).toBe(0o700);
    expect(read(`${message}.before-skein`)).toBe(first);
    expect(existsSync(at(`${message}.before-skein-2`))).toBe(false);
    expect(said).toContain(`called by none now: ${message}.before-skein.`);
  });

  test("comes back by the files alone, where the record is lost", async () => {
    await init();
    rmSync(at(".git/skein/init.json"));

    await init(" --remove");

    expect(read(message)).toBe(second);
    expect(read(`${message}.before-skein`)).toBe(first);
  });

  test("is kept once, however often it comes back", async () => {
    await init();
    hook(message, second, 0o700);
    await init();

    expect(existsSync(at(`${message}.before-skein-3`))).toBe(false);
    expect(run(message)).toBe("second\n");
  });

  test("that calls the first one by the name under which it is kept does so on, and never itself", async () => {
    hook(message, `#!/bin/sh\n./${message}.before-skein "$@"\necho second\n`);
    await init();
    expect(run(message)).toBe("first\nsecond\n");

    rmSync(at(`${message}.before-skein`));
    hook(
      message,
      `#!/bin/sh\n[ ! -x ${message}.before-skein ] || ./${message}.before-skein\necho third\n`,
    );
    await init();
    expect(run(message)).toBe("third\n");
  });
});

describe("a hook of a person's own with Skein's mark in it", () => {
  const marked = `#!/bin/sh\n${mark}\necho mine\n`;

  test("is kept as any other, and called", async () => {
    hook(commit, marked);

    await init();

    expect(read(`${commit}.before-skein`)).toBe(marked);
    expect(run(commit)).toBe("mine\n");
    await init(" --remove");
    expect(read(commit)).toBe(marked);
  });

  test("is no hook that `--remove` deletes", async () => {
    hook(commit, marked);

    await init(" --remove");

    expect(read(commit)).toBe(marked);
  });
});

describe("lines of a person in Skein's own hook", () => {
  test("stay when Skein's are renewed, which are asked once, and when Skein is taken out", async () => {
    hook(commit, first);
    await init();
    const whole = read(commit);
    hook(commit, `${whole.replaceAll(process.execPath, "/old/node")}echo mine\n`);

    await init();
    expect(read(commit)).toBe(`${whole}echo mine\n`);
    expect(run(commit)).toBe("first\nmine\n");
    expect(await init()).toContain("No change");

    await init(" --remove");
    expect(run(commit)).toBe("first\nmine\n");
    expect(guardsIn(commit, `${commit}.before-skein`)).toBe(0);
  });

  test("are all that is left where there was no hook before", async () => {
    for (const path of [commit, ".git/hooks/pre-push"]) {
      rmSync(at(path), { force: true });
      await init();
      hook(path, `${read(path)}echo mine\n`);

      await init(" --remove");

      expect(read(path)).toBe("#!/bin/sh\necho mine\n");
    }
  });

  test("are kept where they stand within Skein's, and nothing calls itself", async () => {
    await init();
    const changed = read(commit).replace("else\n", "else\n  echo mine\n");
    hook(commit, changed);

    await init();

    expect(read(`${commit}.before-skein`)).toBe(changed);
    expect(spawnSync(at(commit), { cwd: at("."), timeout: 10_000 }).status).toBe(0);
    await init(" --remove");
    expect(read(commit)).toBe(changed);
  });

  test("leave a script that a shell can read where Skein's stood alone in a condition", async () => {
    await init();
    const [shebang = "", , ...rest] = read(commit).split("\n");
    const guard = rest.slice(rest.findIndex((each) => each.startsWith("if command"))).join("\n");
    hook(commit, `${shebang}\nif [ -z "$CI" ]; then\n${guard}fi\necho mine\n`);

    await init(" --remove");

    expect(guardsIn(commit)).toBe(0);
    expect(run(commit)).toBe("mine\n");
  });
});

test("Skein's lines in a text that a hook writes elsewhere are no guard", async () => {
  await init();
  const writes = `#!/bin/sh\ncat > /dev/null <<'EOF'\n${read(commit)}EOF\necho mine\n`;
  hook(commit, writes);

  await init();

  expect(read(`${commit}.before-skein`)).toBe(writes);
  expect(guardsIn(commit)).toBe(1);
  await init(" --remove");
  expect(read(commit)).toBe(writes);
});

describe("taking Skein out", () => {
  test("gives back a kept hook as it is now, not as it was", async () => {
    hook(commit, first);
    await init();
    hook(`${commit}.before-skein`, second);

    await init(" --remove");

    expect(read(commit)).toBe(second);
    expect(existsSync(at(`${commit}.before-skein`))).toBe(false);
  });

  test("leaves a kept hook where Skein's own was deleted by hand", async () => {
    hook(commit, first);
    await init();
    rmSync(at(commit));

    await init(" --remove");

    expect(read(`${commit}.before-skein`)).toBe(first);
  });

  test("gives back no older hook of Skein's as if it had been a person's", async () => {
    await init();
    const older = read(commit).replaceAll(process.execPath, "/old/node");
    hook(commit, older);
    rmSync(at(".git/skein/init.json"));
    await init();

    await init(" --remove");

    expect(existsSync(at(commit))).toBe(false);
  });

  test("gives back no older block of Skein's in a script among the files", async () => {
    line.repository.git("config", "core.hooksPath", ".husky");
    hook(".husky/pre-commit", first);
    await init();
    const text = read(".husky/pre-commit");
    hook(".husky/pre-commit", text.replaceAll(process.execPath, "/old/node"));
    await init();

    await init(" --remove");

    expect(read(".husky/pre-commit")).toBe(first);
  });

  test("restores a hook in git's own folder where the hooks have moved since", async () => {
    hook(commit, first);
    await init();
    line.repository.git("config", "core.hooksPath", ".husky");

    await init(" --remove");

    expect(read(commit)).toBe(first);
    expect(existsSync(at(`${commit}.before-skein`))).toBe(false);
  });

  test("has nothing to do with a folder of hooks outside of the repository", async () => {
    const apart = aCommandLine();
    await apart.skein("init --yes --agents none");
    line.repository.git("config", "core.hooksPath", join(apart.repository.root, ".git/hooks"));
    const before = readFileSync(join(apart.repository.root, commit), "utf8");

    await init(" --remove");

    expect(readFileSync(join(apart.repository.root, commit), "utf8")).toBe(before);
  });
});

describe.skipIf(process.platform === "win32")("a hook that is a link", () => {
  test.each(["../../scripts/both", "shared"])(
    "to %s stays one: called, and given back",
    async (target) => {
      const file = join(".git/hooks", target);
      hook(file, "#!/bin/sh\necho ran\n");
      for (const path of [commit, message]) {
        symlinkSync(target, at(path));
      }

      await init();
      expect(run(commit)).toBe("ran\n");
      expect(run(message)).toBe("ran\n");
      expect(guardsIn(commit, message, file)).toBe(2);
      await init(" --remove");

      expect([readlinkSync(at(commit)), readlinkSync(at(message))]).toEqual([target, target]);
      expect(read(file)).toBe("#!/bin/sh\necho ran\n");
      expect(lstatSync(at(`${commit}.before-skein`), { throwIfNoEntry: false })).toBeUndefined();
    },
  );

  test("to Skein's own, moved among the files, is asked once", async () => {
    await init();
    mkdirSync(at("scripts"));
    renameSync(at(commit), at("scripts/guard"));
    symlinkSync("../../scripts/guard", at(commit));

    expect(await init()).toContain("No change");
    await init(" --remove");

    expect(lstatSync(at(commit), { throwIfNoEntry: false })).toBeUndefined();
  });
});
