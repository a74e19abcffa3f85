import { describe, expect, test } from "vitest";
import { explainPostgres, faultOf } from "../../../src/core/store/dialects/postgres-faults.ts";

describe("faultOf", () => {
  test.each([
    ["SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string", "refused"],
    ["SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a non-empty string", "refused"],
    ["Connection terminated unexpectedly", "connection"],
    ["timeout exceeded when trying to connect", "connection"],
  ])("takes %j of the driver, which has no code, for %s", (message, fault) => {
    expect(faultOf(new Error(message))).toBe(fault);
  });

  test.each([
    [Object.assign(new Error("getaddrinfo ENOTFOUND db"), { code: "ENOTFOUND" }), "ENOTFOUND"],
    [
      Object.assign(new Error("x"), { code: "SELF_SIGNED_CERT_IN_CHAIN" }),
      "SELF_SIGNED_CERT_IN_CHAIN",
    ],
    [new Error("The server does not support SSL connections"), "it speaks no TLS"],
    [new Error("timeout exceeded when trying to connect"), "did not answer in time"],
  ])("%s is told with the reason, and not with words of others", (error, reason) => {
    const told = explainPostgres(error, faultOf(error));

    expect(told).toMatchObject({ code: "SKN-7116", message: expect.stringContaining(reason) });
    expect(told).not.toMatchObject({ message: expect.stringContaining("getaddrinfo") });
  });

  test("a password that is missing is told as that", () => {
    const error = new Error("SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string");

    expect(explainPostgres(error, faultOf(error))).toMatchObject({ code: "SKN-3101" });
  });
});
