import { systemTimer } from "../../adapters/process/timer.ts";
import { createGate } from "./create-gate.ts";
import type { Gate } from "./gate.ts";

export interface LoopbackGateOptions {
  /** The random token of this start. */
  readonly token: string;
  /** Who the user of this machine is, for people. */
  readonly person: string;
  /** Origins of pages that may call, beside those of this machine. */
  readonly origins: readonly string[];
}

/** Lets in whoever can read the token's file on this machine, and nobody else. */
export function createLoopbackGate({ token, person, origins }: LoopbackGateOptions): Gate {
  return createGate({
    loopback: { token, person },
    names: { hosts: [], origins },
    quotas: null,
    projectOf: null,
    oidc: null,
    publicUrl: null,
    clock: systemTimer,
  });
}
