/** The CPU time of the quickest of three runs, in milliseconds: collecting garbage of work before is not its own. */
export function leastCpuMs(work: () => unknown): number {
  const times = Array.from({ length: 3 }, () => {
    const startMs = cpuMs();
    work();
    return cpuMs() - startMs;
  });
  return Math.min(...times);
}

/** A moment on this process's own clock of work, which other processes of the machine do not move: milliseconds of CPU time. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
