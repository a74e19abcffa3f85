/** From so many tokens on an answer is streamed: the connection of a whole one would stay silent for too long. Nobody sees the parts. */
export const streamFromTokens = 16_384;

/** A stream that ended before its answer did: the same as a connection that broke. */
export function brokenStream(): Error {
  return Object.assign(new Error("The stream ended before the answer did."), {
    code: "ECONNRESET",
  });
}
