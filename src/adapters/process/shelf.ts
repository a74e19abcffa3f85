import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";

import type { ArchiveShelf } from "../../core/index.ts";

/** Keeps archived texts as files of a folder that only its owner reads. A name that is taken is an error, never overwritten. */
export function createFileShelf(directory: string): ArchiveShelf {
  return {
    put: async (name, text) => {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const file = await open(join(directory, name), "wx", 0o600);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
    },
  };
}
