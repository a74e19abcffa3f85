/**
 * Makes a look at the log, which rings when the log has grown since the look before; the first one always does, since what happened
 * before it is not known.
 */
export function createBackstop(mark: () => Promise<number>, onRing: () => void): () => void {
  let known: number | null = null;
  let isAsking = false;
  const ask = async (): Promise<void> => {
    isAsking = true;
    try {
      const current = await mark();
      if (current !== known) {
        onRing();
      }
      known = current;
    } catch {
      // A store that is busy or closed now is asked again at the next turn.
    } finally {
      isAsking = false;
    }
  };
  return () => {
    if (!isAsking) {
      void ask();
    }
  };
}
