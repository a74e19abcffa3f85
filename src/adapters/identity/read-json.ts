/** Reads JSON documents of an identity provider. */
export type ReadJson = (url: URL) => Promise<unknown>;

const longestWaitMs = 5_000;
const largestBytes = 524_288;

/** Reads over the network: no redirect is followed, so that nobody sends the server to another place; bounded in time and size. */
export const readJson: ReadJson = async (url) => {
  const response = await fetch(url, {
    redirect: "error",
    headers: { accept: "application/json" },
    signal: AbortSignal.timeout(longestWaitMs),
    credentials: "omit",
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`${url.origin} answered with ${String(response.status)}`);
  }
  const value: unknown = JSON.parse(await readBounded(response));
  return value;
};

async function readBounded({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body ?? []) {
    size += part.length;
    if (size > largestBytes) {
      throw new Error("the document is too large");
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
