import { describe, expect, test } from "vitest";
import { besideBlock, blockOf, removeBlock, setBlock } from "../../../src/cli/init/marked-block.ts";

const block = "# >>> skein >>>\nold\n# <<< skein <<<\n";
const orphan = "# >>> skein >>>\nold\n";

describe("setBlock", () => {
  test("puts lines in place of those that were there, and else at the end", () => {
    expect(setBlock(`a\n\n${block}b\n`, ["$& new"])).toBe(
      "a\n\n# >>> skein >>>\n$& new\n# <<< skein <<<\nb\n",
    );
    expect(setBlock("a", ["new"])).toBe("a\n\n# >>> skein >>>\nnew\n# <<< skein <<<\n");
  });

  test("takes no line of others behind a block whose end was lost", () => {
    const text = setBlock(`${orphan}mine\n`, ["new"]);

    expect(setBlock(text, ["newer"])).toContain(`${orphan}mine\n\n# >>> skein >>>\nnewer\n`);
    expect(removeBlock(text)).toBe(`${orphan}mine\n`);
    expect(blockOf(text)).not.toContain("mine");
    expect(besideBlock(text)).toContain("mine");
  });
});

describe("removeBlock", () => {
  test("joins no lines where no empty line stands before the block", () => {
    expect(removeBlock(`a\n${block}b\n`)).toBe("a\nb\n");
    expect(removeBlock(`\n${block}b\n`)).toBe("\nb\n");
  });

  test("gives back the text as it was before the block, and leaves one without as it is", () => {
    expect(removeBlock(setBlock("a\n", ["new"]))).toBe("a\n");
    expect(removeBlock("# <<< skein <<<\na\n")).toBe("# <<< skein <<<\na\n");
  });
});

describe("besideBlock", () => {
  test("keeps the numbers of all other lines", () => {
    expect(besideBlock(`a\n${block}b\n`)).toBe("a\n\n\n\nb\n");
  });
});
