import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const binFolder = dirname(fileURLToPath(new URL("../../bin/skein.js", import.meta.url)));

/** T4: on an old Node, `skein.js` looks for a newer one. */
test("a cloned repository's own `node` is never started", () => {
  const folder = mkdtempSync(join(tmpdir(), "skein-launcher-"));
  try {
    cpSync(binFolder, join(folder, "installed/bin"), { recursive: true });
    const clone = join(folder, "clone");
    const planted = join(clone, "node_modules/node/bin/node");
    mkdirSync(dirname(planted), { recursive: true });
    const mark = join(folder, "ran");
    writeFileSync(planted, `#!/bin/sh\ntouch '${mark}'\necho v99.0.0\n`, { mode: 0o755 });
    const reExecute = join(folder, "installed/bin/re-execute.js");
    const script = `require(${JSON.stringify(reExecute)}).reExecute([22, 18], ${JSON.stringify(reExecute)})`;

    const { status } = spawnSync(process.execPath, ["-e", script], {
      cwd: clone,
      env: { PATH: process.env["PATH"] },
    });

    expect(existsSync(mark)).toBe(false);
    expect(status).toBe(3);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});
