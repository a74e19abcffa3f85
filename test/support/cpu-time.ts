/** A moment on this process's own clock of work, which other processes of the machine do not move: milliseconds of CPU time. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
