import { afterAll, expect, test } from "vitest";
import { removeRepositories } from "../adapters/git/repositories.ts";
import { aCommandLine } from "./command-line.ts";

afterAll(() => {
  removeRepositories();
});

test.each([
  ["serve --port 0", "SKEIN_AUTH", "perhaps", "1 or 0"],
  ["serve --port 0 --auth", "SKEIN_AUTH", "perhaps", "1 or 0"],
  ["serve --port 0", "SKEIN_LOG_FORMAT", "xml", "text or json"],
  ["serve --port 0", "SKEIN_MIN_FREE_MEMORY_MB", "64MB", "a whole number of megabytes"],
  ["status", "SKEIN_MIN_FREE_DISK_MB", "-1", "a whole number of megabytes"],
  ["guard pre-commit", "SKEIN_PERSON", "perhaps", "1 or 0"],
])("`skein %s` refuses %s=%s and says what it takes", async (...given) => {
  const [words, name, value, allowed] = given;
  const line = aCommandLine();
  await line.skein("init --yes --agents none");

  const { code, out, err } = await line.skein(words, { env: { [name]: value } });

  expect([code, out]).toEqual([3, ""]);
  expect(err).toContain(`SKN-2005`);
  expect(err).toContain(`The variable ${name} is "${value}"; it takes ${allowed}`);
});
