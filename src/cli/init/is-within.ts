import { isAbsolute, relative } from "node:path";

/** True for a path below a folder, and for the folder itself; both absolute. */
export function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !/^\.\.[\\/]/u.test(way) && !isAbsolute(way);
}
