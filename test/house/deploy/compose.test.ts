import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

const service = z.object({
  image: z.string(),
  user: z.string(),
  read_only: z.literal(true),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  profiles: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  healthcheck: z.object({ test: z.array(z.string()) }),
  command: z.array(z.string()).default([]),
});

const compose = z
  .object({ services: z.record(z.string(), service), volumes: z.record(z.string(), z.null()) })
  .parse(parse(readFileSync("deploy/compose.yaml", "utf8"), { merge: true }));

const services = Object.entries(compose.services);

describe("compose.yaml", () => {
  test("starts Skein alone without a profile, and the rest by profile", () => {
    const profiles = services.map(([name, { profiles: of }]) => [name, of]);

    expect(Object.fromEntries(profiles)).toEqual({
      skein: [],
      postgres: ["postgres"],
      redis: ["redis"],
      prometheus: ["observability"],
      grafana: ["observability"],
    });
  });

  test.each(services)("runs %s as nobody, read-only, without any capability", (_name, each) => {
    expect(each.user).toMatch(/^[1-9]\d*:[1-9]\d*$/u);
    expect(each.cap_drop).toEqual(["ALL"]);
    expect(each.security_opt).toContain("no-new-privileges:true");
    expect(each.healthcheck.test.length).toBeGreaterThan(1);
    expect(each.volumes.join()).not.toContain("docker.sock");
  });

  test.each(services)("opens ports of %s to this machine only", (_name, { ports }) => {
    expect(ports.filter((port) => !port.startsWith("127.0.0.1:"))).toEqual([]);
  });

  test("names the version of every image that is not built here", () => {
    const foreign = services.filter(([name]) => name !== "skein").map(([, { image }]) => image);

    for (const image of foreign) {
      expect(image).toMatch(/:v?\d/u);
    }
  });

  test("keeps folders and not single files of a store, and mounts nothing that is not here", () => {
    const mounts = services.flatMap(([, { volumes }]) => volumes.map((each) => each.split(":")));

    for (const [from = "", to = ""] of mounts) {
      expect(to).not.toMatch(/\.db$/u);
      if (from.startsWith("./")) {
        expect(existsSync(join("deploy", from)), from).toBe(true);
      } else {
        expect(Object.keys(compose.volumes)).toContain(from);
      }
    }
  });

  test("gives secrets by file and none by value", () => {
    for (const [, { environment, command }] of services) {
      for (const [name, value] of Object.entries(environment)) {
        const isSecret = /PASSWORD|TOKEN|SECRET|KEY|DATABASE_URL|REDIS_URL/u.test(name);
        expect(isSecret && !name.endsWith("_FILE"), name).toBe(false);
        expect(value).not.toMatch(/:\/\/[^/]*:[^/]*@/u);
      }
      expect(command.join(" ")).not.toMatch(/password|--requirepass/iu);
    }
  });

  test("has every variable of .env.example, and no other", () => {
    const used = new Set(
      Array.from(
        readFileSync("deploy/compose.yaml", "utf8").matchAll(/\$\{(\w+)/gu),
        ([, name]) => name,
      ),
    );
    const named = new Set(
      Array.from(
        readFileSync("deploy/.env.example", "utf8").matchAll(/^#?([A-Z_]+)=/gmu),
        ([, name]) => name,
      ),
    );

    // Compose reads this one itself.
    expect(named).toEqual(new Set([...used, "COMPOSE_PROFILES"]));
  });

  test("keeps what stands in secrets/ and in .env out of git", () => {
    expect(readFileSync("deploy/secrets/.gitignore", "utf8")).toMatch(/^\*$/mu);
    expect(readFileSync(".gitignore", "utf8")).toMatch(/^\.env$/mu);
  });
});
