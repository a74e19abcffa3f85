/** How long a look at a store may take, in milliseconds: probes give up soon themselves. */
const storeWaitMs = 2_000;

/** What a look finds; null when it fails, or is late. */
export async function withinWait<T>(look: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => {
      resolve(null);
    }, storeWaitMs);
  });
  try {
    return await Promise.race([look.catch(() => null), late]);
  } finally {
    clearTimeout(timer);
  }
}
