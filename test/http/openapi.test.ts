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

  test("is made once for all who ask", async () => {
    const runner = createCommandRunner();
    let made = 0;
    const own = await createHttpStand({
      commands: {
        ...runner,
        get commands() {
          made += 1;
          return runner.commands;
        },
      },
    });
    const texts = await Promise.all(
      [1, 2, 3].map(async () => (await own.ask("api/v1/openapi.json")).text),
    );
    await own.close();

    expect(new Set(texts).size).toBe(1);
    expect(made).toBe(1);
  });

  test("names every tool, every command and every door", async () => {
    const { paths } = await document();
    const doors = Object.keys(paths ?? {});

    expect(doors).toEqual(
      expect.arrayContaining([...catalog.keys()].map((name) => `/api/v1/tools/${name}`)),
    );
    for (const { path } of routes.filter(({ name }) => name !== "tools")) {
      expect(doors).toContain(`/${path.replace("*", "{event}")}`);
    }
    expect(doors).toEqual(expect.arrayContaining(["/livez", "/readyz", "/healthz", "/metrics"]));
    const description = JSON.stringify(Reflect.get(Object(paths), "/api/v1/commands"));
    for (const { name } of createCommandRunner().commands) {
      expect(description).toContain(`\`${name}`);
    }
  });

  test("says of every door how it refuses, and which ask nobody for a token", async () => {
    const { paths } = await document();
    const doors = Object.entries(Object(paths)).flatMap(([path, methods]) =>
      Object.entries(Object(methods))
        .filter(([method]) => method === "get" || method === "post")
        .map(([method, door]) => ({
          door: `${method} ${path}`,
          isOpen: Reflect.get(Object(door), "security") !== undefined,
          statuses: Object.keys(Object(Reflect.get(Object(door), "responses"))),
        })),
    );

    expect(doors.length).toBeGreaterThan(18);
    expect(doors.flatMap(({ door, isOpen }) => (isOpen ? [door] : []))).toEqual([
      "get /livez",
      "get /readyz",
      "get /healthz",
    ]);
    for (const { door, isOpen, statuses } of doors) {
      const expected = isOpen ? ["200"] : ["401", "403", "429", "503"];
      expect(statuses, door).toEqual(expect.arrayContaining(expected));
      expect(statuses.includes("413"), door).toBe(door.startsWith("post"));
    }
  });

  test("describes answers as they are", async () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const api = await document();
    ajv.addSchema(api, "api");
    const claimed = await stand.call("claim_files", { paths: ["src/a.ts"] });
    const refused = await stand.call("look", { at: 5 });
    for (const door of ["livez", "readyz", "healthz"]) {
      const { body } = await stand.ask(door);
      const schema = `api#/paths/~1${door}/get/responses/200/content/application~1json/schema`;
      expect(ajv.validate({ $ref: schema }, body), ajv.errorsText()).toBe(true);
    }

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
