import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Bytes that this process still reaches once its garbage is collected: the heap and the buffers beside it. The resident
 * size would count garbage and what the allocator keeps for later, which differ from machine to machine.
 */
export async function keptBytes(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  for (let round = 0; round < 3; round += 1) {
    // Sockets and bodies that ended are let go of in a later turn of the loop.
    await new Promise((resolve) => setTimeout(resolve, 20));
    collect();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
