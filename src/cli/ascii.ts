type Env = Readonly<Record<string, string | undefined>>;

/**
 * True where the environment names a character set that has none of Skein's own signs beyond ASCII: the first of `LC_ALL`, `LC_CTYPE` and
 * `LANG` that is set counts, as for every program. Where none is, as in most containers, terminals show UTF-8 all the same.
 */
export function wantsAscii(env: Env): boolean {
  const locale = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find(
    (text) => text !== undefined && text !== "",
  );
  return locale !== undefined && !/utf-?8/iu.test(locale);
}

const signs: Readonly<Record<string, string>> = {
  "…": "...",
  "█": "#",
  "▉": "#",
  "▊": "#",
  "▋": "#",
  "▌": "-",
  "▍": "-",
  "▎": "-",
  "▏": "-",
};

const anySign = new RegExp(`[${Object.keys(signs).join("")}]`, "gu");

/** Writes Skein's own signs with those of ASCII; what others wrote stays as it is but for these. */
export function asciiText(text: string): string {
  return text.replaceAll(anySign, (sign) => signs[sign] ?? sign);
}
