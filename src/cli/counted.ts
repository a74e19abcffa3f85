/** `1 task`, `3 tasks`; `many` is the plural that takes more than an s. */
export function counted(count: number, noun: string, many = `${noun}s`): string {
  return `${String(count)} ${count === 1 ? noun : many}`;
}
