import { describe, expect, test } from "vitest";
import { createBodyRoom } from "../../src/http/body-room.ts";

describe("createBodyRoom", () => {
  test("gives each principal its share, and all of them together no more than there is", () => {
    const room = createBodyRoom({ allBytes: 100, eachBytes: 60 });
    const [one, two, other] = [room.open("ada"), room.open("ada"), room.open("bob")];

    expect(one.take(50)).toBe(true);
    expect(two.take(20)).toBe(false);
    expect(two.take(10)).toBe(true);
    expect(other.take(50)).toBe(false);
    expect(other.take(40)).toBe(true);
  });

  test("has the room of a closed share again, once, and gives that share nothing more", () => {
    const room = createBodyRoom({ allBytes: 100, eachBytes: 100 });
    const first = room.open("ada");
    first.take(100);

    first.close();
    first.close();

    expect(first.take(1)).toBe(false);
    expect(room.open("bob").take(100)).toBe(true);
    expect(room.open("eve").take(1)).toBe(false);
  });
});
