/** Does work once; a failure is not remembered. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null;
  return async () => {
    running ??= work();
    try {
      return await running;
    } catch (error) {
      running = null;
      throw error;
    }
  };
}
