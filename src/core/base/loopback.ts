/** True for names and addresses that cannot lead off this machine: `localhost`, 127.0.0.0/8 and `::1`, as they stand alone or in a URL. */
export function isLoopbackName(host: string): boolean {
  return host === "localhost" || /^(?:127(?:\.\d{1,3}){3}|\[?::1\]?)$/u.test(host);
}

/** True for a URL of this machine itself; false for what is no URL. */
export function isLoopbackUrl(text: string): boolean {
  return URL.canParse(text) && isLoopbackName(new URL(text).hostname);
}
