import { describe, expect, test } from "vitest";
import { aServer } from "../../support/held-postgres.ts";

describe("a glance at PostgreSQL", () => {
  test("knows the time with its first answer, and not before", async () => {
    const server = aServer();
    const before: unknown[] = [];

    const glancing = server.attempts.glance(async (reader) => {
      try {
        before.push(reader.nowMs);
      } catch (error) {
        before.push(error);
      }
      await reader.all("SELECT a", []);
      return reader.nowMs;
    });
    await expect.poll(() => server.asked()).toEqual(["BEGIN", "SELECT"]);
    server.answer();
    server.answer();

    expect(await glancing).toMatchObject({ kind: "done", result: 1 });
    expect(before).toEqual([expect.objectContaining({ message: expect.stringContaining("time") })]);
  });

  test("asks before its opening is answered, where a read waits for the time", async () => {
    const [glanced, read] = [aServer(), aServer()];

    const glancing = glanced.attempts.glance(async (reader) => reader.all("SELECT a", []));
    const reading = read.attempts.read(async (reader) => reader.all("SELECT a", []));
    await expect.poll(() => glanced.asked()).toEqual(["BEGIN", "SELECT"]);
    await expect.poll(() => read.asked()).toEqual(["BEGIN"]);
    glanced.answer();
    glanced.answer();
    read.answer();
    await expect.poll(() => read.asked()).toEqual(["SELECT"]);
    read.answer();

    expect(await glancing).toMatchObject({ kind: "done", result: [{ text: "SELECT a" }] });
    expect(await reading).toMatchObject({ kind: "done", result: [{ text: "SELECT a" }] });
  });

  test("throws away what was read where no transaction could be opened", async () => {
    const server = aServer();
    const cut = Object.assign(new Error("terminating connection"), { code: "57P01" });

    const glancing = server.attempts.glance(async (reader) => reader.all("SELECT a", []));
    await expect.poll(() => server.asked()).toEqual(["BEGIN", "SELECT"]);
    server.refuse(cut);
    server.answer();
    await expect.poll(() => server.asked().length).toBeLessThan(2);
    server.answer();

    expect(await glancing).toMatchObject({ kind: "again" });
    expect(server.released()).toEqual([true]);
  });
});
