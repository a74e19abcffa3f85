import { Ajv2020 } from "ajv/dist/2020.js";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openApiJson } from "../../scripts/openapi.ts";
import { createCommandRunner } from "../../src/cli/serve/command-runner.ts";
import { routes } from "../../src/http/routes.ts";
import { catalog } from "../../src/mcp/index.ts";
import { createHttpStand } from "../support/http-stand.ts";
import type { HttpStand } from "../support/http-stand.ts";

let stand: HttpStand;

beforeAll(async () => {
  stand = await createHttpStand({ commands: createCommandRunner() });
});

afterAll(async () => {
  await stand.close();
});

async function document(): Promise<Readonly<Record<string, unknown>>> {
  return (await stand.ask("api/v1/openapi.json")).body;
}

describe("GET api/v1/openapi.json", () => {
  test("is published as schema/openapi.json: run `npm run schema` after a change", () => {
    expect(JSON.parse(readFileSync("schema/openapi.json", "utf8"))).toEqual(
      JSON.parse(openApiJson()),
    );
  });

  test("names every tool, every command and every door that takes JSON", async () => {
    const { paths } = await document();
    const doors = Object.keys(paths ?? {});

    expect(doors).toEqual(
      expect.arrayContaining([...catalog.keys()].map((name) => `/api/v1/tools/${name}`)),
    );
    for (const { path } of routes.filter((route) => !/\*$|^mcp$/u.test(route.path))) {
      expect(doors).toContain(`/${path}`);
    }
    const description = JSON.stringify(Reflect.get(Object(paths), "/api/v1/commands"));
    for (const { name } of createCommandRunner().commands) {
      expect(description).toContain(`\`${name}`);
    }
  });

  test("says of every door how it refuses", async () => {
    const { paths } = await document();
    const doors = Object.entries(Object(paths)).flatMap(([path, methods]) =>
      Object.entries(Object(methods)).map(([method, door]) => ({
        door: `${method} ${path}`,
        statuses: Object.keys(Object(Reflect.get(Object(door), "responses"))),
      })),
    );

    expect(doors.length).toBeGreaterThan(10);
    for (const { door, statuses } of doors) {
      expect(statuses, door).toEqual(expect.arrayContaining(["401", "403", "429", "503"]));
    }
  });

  test("describes answers as they are", async () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const api = await document();
    ajv.addSchema(api, "api");
    const claimed = await stand.call("claim_files", { paths: ["src/a.ts"] });
    const refused = await stand.call("look", { at: 5 });

    expect(
      ajv.validate(
        { $ref: pathOf("claim_files", "responses/200/content/application~1json/schema") },
        claimed.body,
      ),
      ajv.errorsText(),
    ).toBe(true);
    expect(
      ajv.validate({ $ref: "api#/components/schemas/Error" }, refused.body),
      ajv.errorsText(),
    ).toBe(true);
    expect(
      ajv.validate(
        { $ref: pathOf("look", "requestBody/content/application~1json/schema") },
        { at: 5 },
      ),
    ).toBe(false);
  });
});

/** Where the document describes a part of a tool's door. */
function pathOf(tool: string, rest: string): string {
  return `api#/paths/~1api~1v1~1tools~1${tool}/post/${rest}`;
}
