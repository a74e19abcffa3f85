/** An answer that the host may say is still true. */
export interface KeptAnswer {
  readonly etag: string;
  /** Where the next page is, as the host's header says it; null: no more pages. */
  readonly link: string | null;
  /** JSON text. */
  readonly body: string;
}

/**
 * Keeps answers by address, for one identity: what one token may see, another may not. What is lost is asked again.
 */
export interface AnswerCache {
  get(url: string): Promise<KeptAnswer | null>;
  put(url: string, answer: KeptAnswer): Promise<void>;
}

export interface MemoryBounds {
  /** How many answers are kept. Default 500. */
  readonly most?: number | undefined;
  /** How many characters they have together. Default 16 million. */
  readonly mostChars?: number | undefined;
}

/** Keeps answers in memory; the one that was not used for longest goes first. */
export function createMemoryAnswers({
  most = 500,
  mostChars = 16_000_000,
}: MemoryBounds = {}): AnswerCache {
  const kept = new Map<string, KeptAnswer>();
  let chars = 0;
  const drop = (url: string): void => {
    chars -= kept.get(url)?.body.length ?? 0;
    kept.delete(url);
  };
  return {
    get: async (url) => {
      const answer = kept.get(url) ?? null;
      if (answer !== null) {
        kept.delete(url);
        kept.set(url, answer);
      }
      return answer;
    },
    put: async (url, answer) => {
      drop(url);
      kept.set(url, answer);
      chars += answer.body.length;
      for (const oldest of kept.keys()) {
        if (kept.size <= most && chars <= mostChars) {
          break;
        }
        drop(oldest);
      }
    },
  };
}
