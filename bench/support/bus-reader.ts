import { openBusNode, sharedMs } from "./bus-node.ts";
import type { BusNode } from "./bus-node.ts";

/** What a reading process is told to do: tell each event of the first reader when it comes, or count those of many up to an end. */
export type ReaderTask =
  | { readonly kind: "tell" }
  | {
      readonly kind: "count";
      readonly readers: number;
      readonly from: number;
      readonly to: number;
    };

/** What it says: that it reads, that an event came, or what its readers counted. */
export type ReaderWord =
  | { readonly kind: "ready" }
  | { readonly kind: "seen"; readonly seq: number; readonly atMs: number }
  | { readonly kind: "counted"; readonly count: number };

function say(word: ReaderWord): void {
  process.send?.(word);
}

async function tell({ feed }: BusNode, signal: AbortSignal): Promise<void> {
  for await (const page of feed.follow(0, signal)) {
    const atMs = sharedMs();
    for (const { seq } of page) {
      say({ kind: "seen", seq, atMs });
    }
  }
}

async function countOne({ feed }: BusNode, from: number, to: number): Promise<number> {
  let [count, next] = [0, from + 1];
  for await (const page of feed.follow(from, new AbortController().signal)) {
    for (const { seq } of page) {
      count += seq === next ? 1 : 0;
      next = seq + 1;
    }
    if (next > to) {
      break;
    }
  }
  return count;
}

async function countAll(
  node: BusNode,
  { readers, from, to }: Extract<ReaderTask, { kind: "count" }>,
): Promise<void> {
  const counts = await Promise.all(
    Array.from({ length: readers }, async () => countOne(node, from, to)),
  );
  say({ kind: "counted", count: counts.reduce((sum, count) => sum + count, 0) });
}

/** A node of its own: another process than the writer's, as in use. */
async function main(): Promise<void> {
  const [kind, name = ""] = process.argv.slice(2);
  const node = await openBusNode(kind === "Redis" ? "Redis" : "NOTIFY", name);
  const telling = new AbortController();
  process.on("message", (task: ReaderTask) => {
    if (task.kind === "tell") {
      void tell(node, telling.signal);
      return;
    }
    telling.abort();
    void countAll(node, task);
  });
  process.once("disconnect", () => {
    telling.abort();
    void node.close();
  });
  say({ kind: "ready" });
}

await main();
