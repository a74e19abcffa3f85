/** True where keys and tokens may be sent: `https`, or a server of this machine. */
export function isSafeAddress(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.password !== "" || url.search !== "") {
    return false;
  }
  const isLocal = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/u.test(url.hostname);
  return url.protocol === "https:" || (url.protocol === "http:" && isLocal);
}
