/** Words that stand for a secret in examples. */
const standIn =
  /^(?:pass(?:word|wd)?|pw|secret|token|user|x+|\*+|\.{2,}|change-?me|test|example)$/iu;

/** Whether what stands as a password in an address is one, not a word that stands for one. */
export function isLoginSecret(text: string): boolean {
  return !standIn.test(text);
}

/**
 * Whether a text to which something called a secret is set looks like one: digits and letters without order, no word, no path, no
 * reference to another place.
 */
export function isAssignedSecret(text: string): boolean {
  return (
    text.length >= 12 &&
    /\d/u.test(text) &&
    /[a-z]/iu.test(text) &&
    !/\$\{|\{\{|[()<>]|:\/\/|^[./~]|^(?:env|file|cmd):/u.test(text) &&
    !/^[a-z]+(?:[-_./][a-z]+)*[-_./]?\d{0,4}$/iu.test(text) &&
    bitsPerCharacter(text) >= 3
  );
}

/** Shannon's entropy of the text's own letters. */
function bitsPerCharacter(text: string): number {
  const counts = new Map<string, number>();
  for (const letter of text) {
    counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  return [...counts.values()]
    .map((count) => count / text.length)
    .reduce((sum, share) => sum - share * Math.log2(share), 0);
}
