import { closeSync, constants, openSync, watch, writeSync } from "node:fs";
import type { FSWatcher } from "node:fs";
import type { Doorbell } from "../../core/events/index.ts";
import { createBackstop } from "./backstop.ts";
import { reasonOf } from "./carrier.ts";

export interface FileDoorbellOptions {
  /** A one-byte file beside the store, made when it is missing. It is touched and watched, never read. */
  readonly file: string;
  /** A number that differs once the log has grown; asked now and then in case the file system tells nothing. */
  readonly mark: () => Promise<number>;
  /** How often to ask for the mark while someone watches, in milliseconds. Default 250. */
  readonly backstopMs?: number | undefined;
  /** Told whether the file can be watched, each time that watching begins; null: it can. */
  readonly onFault?: ((reason: string | null) => void) | undefined;
}

/** The shortest time between two touches of one process, in milliseconds: a burst of commits rings once more at its end. */
const restMs = 2;

/** Makes a doorbell between the processes of one machine. */
export function createFileDoorbell(options: FileDoorbellOptions): Doorbell {
  const button = createButton(options.file);
  const ear = createEar(options);
  const listeners = new Set<() => void>();
  const tellAll = (): void => {
    for (const listener of listeners) {
      listener();
    }
  };
  return {
    ring: () => {
      button.press();
    },
    watch: (onRing) => {
      // A function of its own, so that one listener may watch twice.
      const listener = (): void => {
        onRing();
      };
      listeners.add(listener);
      ear.open(tellAll);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) {
          ear.close();
        }
      };
    },
    close: () => {
      listeners.clear();
      ear.close();
      button.close();
    },
  };
}

interface Button {
  press(): void;
  close(): void;
}

function createButton(file: string): Button {
  let descriptor: number | null = null;
  let lastMs = Number.NEGATIVE_INFINITY;
  let pending: NodeJS.Timeout | null = null;

  function touch(): void {
    pending = null;
    lastMs = performance.now();
    try {
      descriptor ??= openBell(file);
      writeSync(descriptor, ".", 0);
    } catch {
      // A ring that is lost costs latency only: those who watch also ask for the mark.
    }
  }

  return {
    press: () => {
      const sinceMs = performance.now() - lastMs;
      if (sinceMs >= restMs) {
        touch();
      } else {
        pending ??= setTimeout(touch, restMs - sinceMs);
      }
    },
    close: () => {
      if (pending !== null) {
        clearTimeout(pending);
        touch();
      }
      if (descriptor !== null) {
        closeSync(descriptor);
      }
      descriptor = null;
    },
  };
}

function openBell(file: string): number {
  const { O_WRONLY, O_CREAT, O_NOFOLLOW } = constants;
  // Windows knows no O_NOFOLLOW; there it is nothing, and counts as 0.
  return openSync(file, O_WRONLY | O_CREAT | O_NOFOLLOW, 0o600);
}

interface Ear {
  /** Starts to listen, once, however often it is asked. */
  open(onRing: () => void): void;
  close(): void;
}

function createEar({ file, mark, backstopMs = 250, onFault = () => {} }: FileDoorbellOptions): Ear {
  let watcher: FSWatcher | null = null;
  let timer: NodeJS.Timeout | null = null;

  return {
    open: (onRing) => {
      const ringOnce = coalesce(onRing);
      watcher ??= watchBell(file, ringOnce, onFault);
      timer ??= setInterval(createBackstop(mark, ringOnce), backstopMs);
    },
    close: () => {
      watcher?.close();
      watcher = null;
      if (timer !== null) {
        clearInterval(timer);
      }
      timer = null;
    },
  };
}

function watchBell(
  file: string,
  onRing: () => void,
  onFault: (reason: string | null) => void,
): FSWatcher | null {
  try {
    closeSync(openBell(file));
    // The file itself: in the directory every write to the journal would wake us, and before its commit.
    const watcher = watch(file, onRing);
    watcher.on("error", (error) => {
      onFault(reasonOf(error));
      watcher.close();
    });
    onFault(null);
    return watcher;
  } catch (error) {
    onFault(reasonOf(error));
    return null;
  }
}

/** Joins the calls of one turn of the event loop into one. */
function coalesce(work: () => void): () => void {
  let isDue = false;
  return () => {
    if (!isDue) {
      isDue = true;
      setImmediate(() => {
        isDue = false;
        work();
      });
    }
  };
}
