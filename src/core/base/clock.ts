/** Tells the time in epoch milliseconds. */
export interface Clock {
  nowMs(): number;
}

/** Yields random bytes from a cryptographic source. */
export interface Random {
  bytes(count: number): Uint8Array;
}
