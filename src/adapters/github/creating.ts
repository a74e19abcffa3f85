import { isUnknown } from "./failures.ts";

/** Something to be made once. */
export interface Creation<T> {
  readonly make: () => Promise<T>;
  /** Looks whether an earlier attempt made it; null: it did not. */
  readonly look: () => Promise<T | null>;
}

/** A hidden line that stands once in all that Skein writes; what others wrote never is a whole line. */
const marker = /^<!-- skein:[^>]{1,20000}-->\r?$/mu;

/** The mark by which a text can be found again; null when it has none. */
export function markOf(text: string): string | null {
  return marker.exec(text)?.[0].trimEnd() ?? null;
}

/**
 * Makes something, and where nobody knows whether it was made looks before it is made once more. Without a way to look the failure is
 * told, and whoever runs again looks by other means.
 *
 * @throws {SkeinError} SKN-7651 when it is still unknown.
 */
export async function createOnce<T>({ make, look }: Creation<T>, canLook: boolean): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (!canLook || !isUnknown(error)) {
      throw error;
    }
    return (await look()) ?? make();
  }
}
