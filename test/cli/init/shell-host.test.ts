import { chmodSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { initIn } from "./init-stand.ts";
import type { InitEnd } from "./init-stand.ts";
import { createTestRepository } from "./repository.ts";
import type { TestRepository } from "./repository.ts";

let repository: TestRepository;
/** Skein's block as `init` writes it. */
let block: string;

const hook = ".husky/pre-commit";

beforeEach(async () => {
  repository = createTestRepository();
  repository.git("config", "core.hooksPath", ".husky");
  write("#!/bin/sh\n");
  await init();
  block = repository.read(hook).slice("#!/bin/sh\n\n".length);
  await init(true);
});

afterEach(() => {
  repository.remove();
});

async function init(remove = false): Promise<InitEnd> {
  return initIn(repository, { agents: ["none"], remove });
}

function write(text: string): void {
  repository.write(hook, text);
  chmodSync(join(repository.root, hook), 0o755);
}

const marked = "# >>> skein >>>\nmine\n# <<< skein <<<\n";

describe("a mark in a script that is no mark of Skein's", () => {
  test.each([
    ["in the middle of lines", `echo "# >>> skein >>>"\nmine\necho "# <<< skein <<<"\n`],
    ["in a here-document", `cat <<EOF\n${marked}EOF\n`],
    ["in one that may be indented", `cat <<-'THE END' >&2\n${marked}\tTHE END\n`],
    ["in the second of two", `cat <<A <<"B"\nit's\nA\n${marked}B\n`],
    ["in quotes", `x='\n${marked}'\n`],
    ["in double quotes", `echo "it's \\" #\n${marked}"\n`],
    [
      "behind what only looks like a here-document",
      `x=$((1<<2)) # it's\ncat <<<a <<EOF\n${marked}EOF\n`,
    ],
  ])("stays with all around it: %s", async (_name, lines) => {
    const text = `#!/bin/sh\n${lines}`;
    write(text);

    expect((await init()).error).toBe("");
    expect(repository.read(hook)).toBe(`${text}\n${block}`);

    write(`${repository.read(hook)}true\n`);
    expect((await init(true)).error).toBe("");
    expect(repository.read(hook)).toBe(`${text}true\n`);
  });

  test("stays with Skein's very lines in a here-document", async () => {
    const text = `#!/bin/sh\ncat <<EOF\n${block}EOF\n`;
    write(text);

    await init();
    expect(repository.read(hook)).toBe(`${text}\n${block}`);
    await init(true);
    expect(repository.read(hook)).toBe(text);
  });
});

describe("a mark of Skein's in a script", () => {
  test.each([
    ["a quote in a command within quotes", `x="$(echo "it's")"`, "echo 'x'"],
    ["a here-document in such a command", `x="$(cat <<EOF\nit's ("\nEOF\n)"`, `echo "x"`],
    ["a sum that looks like a here-document", "x=$((1<<3))", "3"],
    ["a quote in a comment", "# it's", "# it's"],
    ["quotes with brackets", `x="a) (' \\" $y"`, `echo 'x' ")"`],
  ])("counts below %s", async (_name, above, below) => {
    const text = `#!/bin/sh\n${above}\n`;
    write(`${text}\n${block}${below}\n`);

    expect((await init()).error).toBe("");
    expect(repository.read(hook)).toBe(`${text}\n${block}${below}\n`);
    expect((await init(true)).error).toBe("");
    expect(repository.read(hook)).toBe(`${text}${below}\n`);
  });
});

describe("what others put between Skein's marks in a script", () => {
  test("stays above or below them", async () => {
    write(
      `#!/bin/sh\n${block.replace(">>>\n", ">>>\nnpm a\n").replace("fi\n#", "fi\n\nnpm b\n#")}npm c\n`,
    );
    const text = repository.read(hook);

    await init();
    expect(repository.read(hook)).toBe(`#!/bin/sh\nnpm a\n${block}npm b\nnpm c\n`);

    write(text);
    await init(true);
    expect(repository.read(hook)).toBe("#!/bin/sh\nnpm a\nnpm b\nnpm c\n");
  });

  test.each([
    ["other lines alone", () => marked, 3],
    ["a line within Skein's", () => block.replace("else\n", "npm a\nelse\n"), 5],
    ["a line of Skein's with more on it", () => block.replace("\n  ", "\n  npm a; "), 4],
    [
      "a condition around Skein's",
      () => block.replace(">>>\n", ">>>\nif a; then\n").replace("fi\n#", "fi\nfi\n#"),
      3,
    ],
    ["Skein's very lines in quotes", () => `x='\n${block}'\n`, 3],
  ])(
    "is refused with its line where nobody knows what is whose: %s",
    async (_name, lines, line) => {
      const text = `#!/bin/sh\n${lines()}`;
      write(text);

      for (const remove of [false, true]) {
        const { error } = await init(remove);
        expect(error).toContain("SKN-2093");
        expect(error).toContain(`${hook}, line ${String(line)}: `);
        expect(repository.read(hook)).toBe(text);
      }
    },
  );

  test("is none where the lines name another Skein, or have line ends of Windows", async () => {
    const other = block.replaceAll(process.execPath, "'/a b/it'\\''s node'");
    const npx = block
      .replace(/^if .*$/mu, "if command -v npx >/dev/null 2>&1; then")
      .replace(/^ {2}\/.* guard/mu, "  npx -y skein guard");
    const own = block.replaceAll(
      /[\w./-]+\/skein\.js/gu,
      '"$(git rev-parse --show-toplevel)/node_modules/skein/bin/skein.js"',
    );
    for (const text of [other, npx, own, block.replaceAll("\n", "\r\n")]) {
      expect(text).not.toBe(block);
      write(`#!/bin/sh\n\n${text}`);
      await init();
      expect(repository.read(hook).replace(/\r\n$/u, "\n")).toBe(`#!/bin/sh\n\n${block}`);
    }
  });
});
