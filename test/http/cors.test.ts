import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createHttpStand } from "../support/http-stand.ts";
import type { HttpStand } from "../support/http-stand.ts";

const board = "https://board.example.com";

let stand: HttpStand;

beforeAll(async () => {
  stand = await createHttpStand({ origins: [board] });
});

afterAll(async () => {
  await stand.close();
});

describe("pages of browsers", () => {
  test("may ask and read where their origin is listed", async () => {
    const asked = await stand.ask("api/v1/tools/look", {
      method: "OPTIONS",
      headers: { origin: board, authorization: "", "access-control-request-method": "POST" },
    });
    const answer = await stand.call("look", { at: "board" }, { origin: board });

    expect(asked.status).toBe(204);
    expect(asked.headers.get("access-control-allow-origin")).toBe(board);
    expect(asked.headers.get("access-control-allow-headers")).toContain("authorization");
    expect(answer.status).toBe(200);
    expect(answer.headers.get("access-control-allow-origin")).toBe(board);
    expect(answer.headers.get("vary")).toBe("origin");
    const open = answer.headers.get("access-control-expose-headers")?.split(", ");
    expect(open).toEqual(expect.arrayContaining(["retry-after", "x-request-id"]));
  });

  test.each(["https://evil.example", "https://board.example.com.evil.example", "null"])(
    "may not from %s",
    async (origin) => {
      const asked = await stand.ask("api/v1/tools/look", {
        method: "OPTIONS",
        headers: { origin, authorization: "", "access-control-request-method": "POST" },
      });
      const answer = await stand.call("look", { at: "board" }, { origin });

      expect(asked.status).toBe(403);
      expect(answer.status).toBe(403);
      for (const { headers } of [asked, answer]) {
        expect(headers.get("access-control-allow-origin")).toBeNull();
      }
    },
  );
});
