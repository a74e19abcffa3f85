/** How far behind a process is: what waits in front of it that no line of ours can count. */
export interface Lag {
  /** Milliseconds by which the process comes too late to what it is to do, now or a moment ago. */
  ms(): number;
  close(): void;
}

const everyMs = 25;

/** A lag fades by this share with each look, so that a single long step is soon forgotten. */
const fading = 0.7;

/** Looks at the clock at a steady beat: whatever holds the beat up holds up all requests. */
export function createLag(nowMs: () => number = () => performance.now()): Lag {
  let lastMs = nowMs();
  let faded = 0;
  const timer = setInterval(() => {
    const lateMs = nowMs() - lastMs - everyMs;
    faded = Math.max(lateMs, faded * fading);
    lastMs = nowMs();
  }, everyMs);
  timer.unref();
  return {
    ms: () => Math.max(faded, nowMs() - lastMs - everyMs),
    close: () => {
      clearInterval(timer);
    },
  };
}
