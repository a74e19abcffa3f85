import { createCodeHost } from "../../src/adapters/github/index.ts";
import { wallClock } from "../../src/adapters/process/clock.ts";
import { systemTimer } from "../../src/adapters/process/timer.ts";
import type { Workplace } from "../../src/bot/workplace.ts";
import { parseRepositoryName } from "../../src/core/hosting/index.ts";
import { loadSettings } from "../../src/settings.ts";
import { jobRights, shop } from "./action-stand.ts";
import type { Github } from "./github/server.ts";

/** The repository of the strict fake as handlers work with it: over the real adapter, which waits for nothing and repeats nothing. */
export async function botPlace(github: Github, settingsText: string | null): Promise<Workplace> {
  const { settings } = await loadSettings({ root: "/", env: {}, text: settingsText });
  const host = createCodeHost({
    name: parseRepositoryName(shop),
    baseUrl: github.url,
    token: github.jobToken(shop, jobRights),
    userAgent: "skein/test",
    timer: systemTimer,
    clock: wallClock,
    limits: { spacingMs: 0, retries: 0, secondMs: 1 },
  });
  return { host, settings, settingsText, sign: null };
}
