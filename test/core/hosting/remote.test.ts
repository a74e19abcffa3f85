import { describe, expect, test } from "vitest";
import { apiAddressOf, parseRemote } from "../../../src/core/hosting/index.ts";

describe("parseRemote", () => {
  test.each([
    ["https://github.com/acme/shop.git", "github.com", "acme/shop"],
    ["https://x-access-token:secret@github.com/acme/shop", "github.com", "acme/shop"],
    ["git@github.com:acme/shop.git", "github.com", "acme/shop"],
    ["ssh://git@GIT.Acme.example:2222/acme/shop.git/", "git.acme.example", "acme/shop"],
    ["http://127.0.0.1:8080/acme/shop.git", "127.0.0.1", "acme/shop"],
  ])("reads %s", (address, host, name) => {
    expect(parseRemote(address)).toEqual({ host, name });
  });

  test.each([
    "",
    "/srv/git/shop.git",
    "../shop",
    "https://github.com/acme",
    "https://github.com/a/b/c",
    "file:///srv/a/b",
  ])("finds no repository of a code host in %j", (address) => {
    expect(parseRemote(address)).toBeNull();
  });
});

describe("apiAddressOf", () => {
  test("is beside github.com, and inside of an Enterprise Server", () => {
    expect(apiAddressOf("github.com")).toBe("https://api.github.com");
    expect(apiAddressOf("acme.ghe.com")).toBe("https://api.acme.ghe.com");
    expect(apiAddressOf("git.acme.example")).toBe("https://git.acme.example/api/v3");
  });
});
