/** The memory that this process holds, in bytes. */
export function residentBytes(): number {
  return process.memoryUsage.rss();
}
