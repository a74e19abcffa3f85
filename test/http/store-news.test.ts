import { describe, expect, test } from "vitest";
import { createStoreNews } from "../../src/http/store-news.ts";
import { createManualTimer } from "../support/manual-timer.ts";

function stand() {
  const timer = createManualTimer();
  const ending = new AbortController();
  const said: string[] = [];
  const say = (text: string): void => {
    said.push(text);
  };
  const place = { isAway: false, looks: 0 };
  const news = createStoreNews({
    log: { line: say, warn: say },
    look: async () => {
      place.looks += 1;
      return place.isAway ? Promise.reject(new Error("refused")) : Promise.resolve();
    },
    timer,
    ending: ending.signal,
  });
  return { timer, ending, said, place, news };
}

describe("createStoreNews", () => {
  test("tells once that the database is away, and once that it answers again", async () => {
    const { timer, said, place, news } = stand();

    place.isAway = true;
    news.hear("SKN-7116");
    news.hear("SKN-7116");
    await timer.advance(3_500);
    const meanwhile = [...said];
    place.isAway = false;
    await timer.advance(1_000);
    await timer.advance(5_000);

    expect(meanwhile).toEqual([
      "store: the database cannot be reached (SKN-7116); calls get 503 and are to be repeated",
    ]);
    expect(said).toEqual([...meanwhile, "store: the database answers again"]);
    expect(place.looks).toBe(4);
  });

  test("tells it anew when the database goes away again", async () => {
    const { timer, said, news } = stand();

    news.hear("SKN-7116");
    await timer.advance(1_000);
    news.hear("SKN-7116");

    expect(said).toHaveLength(3);
  });

  test("says nothing of requests that ended well or otherwise, nor once the server ends", async () => {
    const { timer, ending, said, place, news } = stand();

    for (const code of [null, "SKN-7101", "SKN-3351"]) {
      news.hear(code);
    }
    news.hear("SKN-7116");
    ending.abort();
    await timer.advance(5_000);
    news.hear("SKN-7116");

    expect(said).toHaveLength(1);
    expect(place.looks).toBe(0);
  });
});
