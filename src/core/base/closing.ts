/**
 * Lets go of several things, one after the other: one that cannot be closed keeps none of the others open.
 *
 * @throws the first of the failures, after all were tried.
 */
export async function closeAll(closings: readonly (() => unknown)[]): Promise<void> {
  const [close, ...others] = closings;
  if (close === undefined) {
    return;
  }
  try {
    await close();
  } catch (first) {
    await closeAll(others).catch(() => undefined);
    throw first;
  }
  await closeAll(others);
}

/** Works with something that is open, and closes it where the work fails. @throws what the work threw, whatever came of closing. */
export async function closingOnFailure<T>(
  close: () => Promise<void>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}
