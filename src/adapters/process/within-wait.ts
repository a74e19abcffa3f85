/** How long a look at a store may take, in milliseconds: probes give up soon themselves. */
const storeWaitMs = 2_000;

/** What a look finds; null when it fails, or is late. No timer outlives it. */
export async function withinWait<T>(look: Promise<T>, waitMs = storeWaitMs): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => {
      resolve(null);
    }, waitMs);
  });
  try {
    return await Promise.race([look.catch(() => null), late]);
  } finally {
    clearTimeout(timer);
  }
}
