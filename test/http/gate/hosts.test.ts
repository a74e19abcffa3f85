import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { isKnownHost, namesThisMachine } from "../../../src/http/gate/hosts.ts";

/** A request that came in at an address, with this `Host`. */
function asked(host: string, localAddress: string | undefined): IncomingMessage {
  const socket = Object.defineProperty(new Socket(), "localAddress", { value: localAddress });
  const request = new IncomingMessage(socket);
  request.rawHeaders.push("Host", host);
  return request;
}

const names = { hosts: ["skein.example.com"], origins: [] };

describe("isKnownHost", () => {
  test.each([
    ["10.1.2.3:7433", "10.1.2.3"],
    ["10.1.2.3", "::ffff:10.1.2.3"],
    ["[fd00::1]:7433", "fd00::1"],
    ["skein.example.com", "10.1.2.3"],
  ])("takes %s of a request that came in at %s", (host, address) => {
    expect(isKnownHost(asked(host, address), names)).toBe(true);
  });

  test.each([
    ["10.1.2.4:7433", "10.1.2.3"],
    ["evil.example", "10.1.2.3"],
    ["10.1.2.3.evil.example", "10.1.2.3"],
    ["10.1.2.3", "127.0.0.1"],
    ["10.1.2.3", undefined],
    ["", ""],
  ])("refuses %j of a request that came in at %j", (host, address) => {
    expect(isKnownHost(asked(host, address), names)).toBe(false);
  });
});

describe("namesThisMachine", () => {
  test("is not true of an address that others reach: the machine's secret does not count there", () => {
    expect(namesThisMachine(asked("10.1.2.3:7433", "10.1.2.3"))).toBe(false);
  });
});
