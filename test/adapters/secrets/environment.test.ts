import { expect, test } from "vitest";
import { secretsOfEnvironment } from "../../../src/adapters/secrets/index.ts";

const password = ["planted", "pass/word", "42"].join("-");

test("knows variables that are named as secrets, and the passwords in addresses", () => {
  const found = secretsOfEnvironment({
    VAULT_TOKEN: " some-token-of-vault ",
    SKEIN_DATABASE_URL: `postgres://skein:${encodeURIComponent(password)}@db.example/skein`,
    REDIS: "redis://:another-password@127.0.0.1:6379",
    SHORT_TOKEN: "1234567",
    HOME: "/home/ana",
    PAGE: "https://example.com/a@b",
    NOTE: "see https://ana:not-an-address@example.com",
    BROKEN: "postgres://user:password%ZZ9@db/skein",
  });

  expect(found).toEqual(["some-token-of-vault", password, "another-password", "password%ZZ9"]);
});
