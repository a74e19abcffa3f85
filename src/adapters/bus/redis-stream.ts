import type { RedisClient } from "./redis-client.ts";

/** One entry of the stream. */
export interface StreamRing {
  readonly id: string;
  /** The process that rang; null when the entry has another form than ours. */
  readonly from: string | null;
  readonly project: string;
}

export interface StreamPlace {
  readonly key: string;
  /** The id of the last entry that was read. */
  readonly after: string;
  readonly blockMs: number;
}

/** Before the first entry of any stream. */
const beforeAll = "0-0";

/** Reads what came after an entry; waits for it when there is none yet, and gives an empty list after `blockMs`. */
export async function readStream(
  client: RedisClient,
  { key, after, blockMs }: StreamPlace,
): Promise<readonly StreamRing[]> {
  const answer = await client.send([
    "XREAD",
    "COUNT",
    "1000",
    "BLOCK",
    String(blockMs),
    "STREAMS",
    key,
    after,
  ]);
  // A list of streams, each its key and its entries.
  const [stream] = listOf(answer);
  return listOf(listOf(stream)[1]).map(ringOf);
}

/** The id of the newest entry. */
export async function newestId(client: RedisClient, key: string): Promise<string> {
  const answer = await client.send(["XREVRANGE", key, "+", "-", "COUNT", "1"]);
  const [entry] = listOf(answer);
  return entry === undefined ? beforeAll : ringOf(entry).id;
}

/** Where to read on when nothing came: a stream that was deleted begins anew, and may begin with a smaller id. */
export async function latestOf(client: RedisClient, key: string, seen: string): Promise<string> {
  const newest = await newestId(client, key);
  return isBefore(newest, seen) ? newest : seen;
}

function isBefore(one: string, other: string): boolean {
  const [ms = 0, count = 0] = one.split("-").map(Number);
  const [otherMs = 0, otherCount = 0] = other.split("-").map(Number);
  return ms < otherMs || (ms === otherMs && count < otherCount);
}

/** An entry is its id and a list of fields and values in turn. */
function ringOf(entry: unknown): StreamRing {
  const [id, fields] = listOf(entry);
  const [from, project] = listOf(fields);
  const isOurs = typeof from === "string" && typeof project === "string";
  return {
    id: typeof id === "string" ? id : beforeAll,
    from: isOurs ? from : null,
    project: isOurs ? project : "",
  };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
