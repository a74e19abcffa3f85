import type { Redacted, Redactor } from "../../core/models/index.ts";
import { createFindKnown } from "./known-values.ts";
import type { FindKnown } from "./known-values.ts";
import { patternSpans } from "./patterns.ts";
import { privateKeySpans } from "./private-keys.ts";
import { secretlintSpans } from "./secretlint.ts";
import { redactSpans } from "./spans.ts";
import { suspectLines } from "./suspect-lines.ts";
import { wrappedKeySpans } from "./wrapped-keys.ts";

export interface RedactorDeps {
  /** Secrets to be found wherever and however they stand: keys that were looked up, and those of the environment. Asked at every text. */
  readonly known: () => readonly string[] | Promise<readonly string[]>;
}

/** So many characters of texts that were seen are remembered: several seats read the same prompt. */
const rememberedChars = 8_000_000;

/**
 * Takes known secrets, private keys, keys in the formats of their providers and what stands where secrets stand out of texts. The same
 * text is searched once.
 */
export function createRedactor({ known }: RedactorDeps): Redactor {
  const seen = new Map<string, Promise<Redacted>>();
  let seenChars = 0;
  let values: readonly string[] = [];
  let findKnown = createFindKnown(values);

  const forget = (): void => {
    seen.clear();
    seenChars = 0;
  };
  const follow = (current: readonly string[]): void => {
    if (current.length !== values.length || current.some((value, at) => value !== values[at])) {
      values = [...current];
      findKnown = createFindKnown(values);
      forget();
    }
  };
  return {
    redact: async (text) => {
      follow(await known());
      const before = seen.get(text);
      if (before !== undefined) {
        return before;
      }
      const redacted = redactText(text, findKnown);
      if (seenChars + text.length > rememberedChars) {
        forget();
      }
      seen.set(text, redacted);
      seenChars += text.length;
      // A failure is not remembered; it goes to whoever asked.
      redacted.catch(() => {
        seen.delete(text);
      });
      return redacted;
    },
  };
}

async function redactText(text: string, findKnown: FindKnown): Promise<Redacted> {
  const suspect = suspectLines(text);
  const patterned = suspect.place(patternSpans(suspect.text));
  const linted = suspect.place(await secretlintSpans(suspect.text));
  const wrapped = wrappedKeySpans(text);
  return redactSpans(text, [findKnown(text), privateKeySpans(text), patterned, wrapped, linted]);
}
