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

  test("a password that is missing is told as that", () => {
    const error = new Error("SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string");

    expect(explainPostgres(error, faultOf(error))).toMatchObject({ code: "SKN-3101" });
  });
});
