import { existsSync } from "node:fs";
import { join } from "node:path";

/**
 * A path of this machine in words that another reads the same: `app/[id]/page.tsx` that is a file here would be a glob where no such file
 * is, so its signs are written as classes that match just them.
 */
export function plainForOthers(root: string, path: string): string {
  return /[*?[\]{}]/u.test(path) && existsSync(join(root, path))
    ? path.replaceAll(/[*?[{]/gu, (sign) => `[${sign}]`)
    : path;
}
