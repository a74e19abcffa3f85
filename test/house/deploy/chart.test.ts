import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import { beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments, stringify } from "yaml";
import { z } from "zod";
import { loadSettings } from "../../../src/settings.ts";

const chart = "deploy/helm/skein";
const values: unknown = parse(readFileSync(join(chart, "values.yaml"), "utf8"));

const isValid = new Ajv({ allErrors: true }).compile(
  z
    .record(z.string(), z.unknown())
    .parse(JSON.parse(readFileSync(join(chart, "values.schema.json"), "utf8"))),
);

/** The chart's values with some replaced, as Helm merges them. */
function withValues(own: Readonly<Record<string, unknown>>): unknown {
  return merge(values, own);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function merge(before: unknown, own: unknown): unknown {
  if (!isMap(before) || !isMap(own)) {
    return own;
  }
  const merged = { ...before };
  for (const [key, value] of Object.entries(own)) {
    merged[key] = key in before ? merge(before[key], value) : value;
  }
  return merged;
}

describe("the chart's values", () => {
  test("fit their own schema", () => {
    expect(isValid(values), JSON.stringify(isValid.errors)).toBe(true);
  });

  test.each([
    ["a misspelt key", { replica: 2 }],
    ["another store", { store: { kind: "mysql" } }],
    ["a tag for a digest", { image: { digest: "1.2.3" } }],
    ["no time to end the calls", { terminationGracePeriodSeconds: 20 }],
    ["a size without a unit", { store: { persistence: { size: "5" } } }],
    ["a port that is none", { service: { port: 70_000 } }],
  ])("are refused with %s", (_name, own) => {
    expect(isValid(withValues(own))).toBe(false);
  });

  test("are what the templates ask for, each of them", () => {
    const templates = ["_helpers.tpl", "NOTES.txt", ...templateNames]
      .map((name) => readFileSync(join(chart, "templates", name), "utf8"))
      .join("\n");
    const asked = Array.from(templates.matchAll(/\.Values((?:\.\w+)+)/gu), ([, path = ""]) => path);

    expect(asked.length).toBeGreaterThan(30);
    for (const path of new Set(asked)) {
      if (!/^\.(?:nameOverride|fullnameOverride)$/u.test(path)) {
        expect(valueAt(path.split(".").slice(1)), path).not.toBe(undefined);
      }
    }
  });
});

function valueAt(path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value instanceof Object ? Reflect.get(value, key) : undefined),
    values,
  );
}

const templateNames = [
  "configmap.yaml",
  "dashboards.yaml",
  "deployment.yaml",
  "ingress.yaml",
  "networkpolicy.yaml",
  "pdb.yaml",
  "prometheusrule.yaml",
  "pvc.yaml",
  "service.yaml",
  "serviceaccount.yaml",
  "servicemonitor.yaml",
];

const answer = z.object({
  failure: z.string().optional(),
  rendered: z.record(z.string(), z.string()).default({}),
});

/** Go and the function library that Helm uses, as Debian packages them (`golang-go golang-github-masterminds-sprig-dev golang-github-ghodss-yaml-dev`). */
const goPath = "/usr/share/gocode";
const hasGo =
  spawnSync("go", ["version"]).status === 0 &&
  spawnSync("ls", [
    `${goPath}/src/github.com/Masterminds/sprig`,
    `${goPath}/src/github.com/ghodss/yaml`,
  ]).status === 0;

interface Manifest {
  readonly kind: string;
  readonly [field: string]: unknown;
}

describe.skipIf(!hasGo)("the chart as it is rendered", () => {
  let program = "";
  beforeAll(() => {
    program = join(mkdtempSync(join(tmpdir(), "skein-chart-")), "render-chart");
    const built = spawnSync("go", ["build", "-o", program, "."], {
      cwd: "scripts/deploy/render-chart",
      env: { ...process.env, GO111MODULE: "off", GOPATH: goPath, GOFLAGS: "" },
      encoding: "utf8",
    });
    expect(built.stderr).toBe("");
  }, 120_000);

  function render(own: Readonly<Record<string, unknown>>): z.infer<typeof answer> {
    const file = join(mkdtempSync(join(tmpdir(), "skein-values-")), "values.yaml");
    writeFileSync(file, stringify(own));
    const { stdout } = spawnSync(program, [chart, file], { encoding: "utf8" });
    return answer.parse(JSON.parse(stdout));
  }

  function manifests(own: Readonly<Record<string, unknown>>): readonly Manifest[] {
    const { failure, rendered } = render(own);
    expect(failure).toBe(undefined);
    return Object.entries(rendered)
      .filter(([name]) => name.endsWith(".yaml"))
      .flatMap(([, text]) => parseAllDocuments(text))
      .map((document): unknown => document.toJS())
      .filter((each) => each !== null)
      .map((each) => z.looseObject({ kind: z.string(), apiVersion: z.string() }).parse(each));
  }

  const postgres = { store: { kind: "postgres", existingSecret: "skein-database" } };

  test("refuses several servers over SQLite, and PostgreSQL without its secret", () => {
    expect(render({ replicas: 2 }).failure).toContain("a SQLite file has one server");
    expect(render({ store: { kind: "postgres" } }).failure).toContain(
      "store.existingSecret is empty",
    );
    expect(render({ ingress: { enabled: true } }).failure).toContain("ingress.host is empty");
    expect(render({ ...postgres, replicas: 3 }).failure).toBe(undefined);
  });

  test("makes one server with a volume over SQLite, and replaces it in one piece", () => {
    const made = manifests({});
    const text = JSON.stringify(made.find(({ kind }) => kind === "Deployment"));

    expect(made.map(({ kind }) => kind).toSorted()).toEqual([
      "ConfigMap",
      "Deployment",
      "NetworkPolicy",
      "PersistentVolumeClaim",
      "Service",
      "ServiceAccount",
    ]);
    expect(text).toContain('"strategy":{"type":"Recreate"}');
    expect(text).toContain('"persistentVolumeClaim":{"claimName":"team-skein"}');
  });

  test("makes several servers over PostgreSQL with all that may be asked for", () => {
    const made = manifests({
      ...postgres,
      replicas: 3,
      secrets: { existingSecret: "skein-keys" },
      extraEnv: [{ name: "SKEIN_REDIS_URL_FILE", value: "/run/secrets/skein/redis-url" }],
      ingress: { enabled: true, host: "skein.example", tlsSecret: "tls", className: "nginx" },
      serviceMonitor: { enabled: true, tokenSecret: "metrics" },
      prometheusRule: { enabled: true },
      dashboards: { enabled: true },
    });
    const kinds = made.map(({ kind }) => kind);
    const deployment = JSON.stringify(made.find(({ kind }) => kind === "Deployment"));

    for (const kind of ["PodDisruptionBudget", "Ingress", "ServiceMonitor", "PrometheusRule"]) {
      expect(kinds).toContain(kind);
    }
    expect(kinds.filter((kind) => kind === "ConfigMap").length).toBe(5);
    expect(kinds).not.toContain("PersistentVolumeClaim");
    expect(deployment).toContain('"maxUnavailable":0');
    expect(deployment).toContain('"value":"/run/secrets/store/database-url"');
    expect(deployment).toContain("topologySpreadConstraints");
    expect(JSON.stringify(made.find(({ kind }) => kind === "PrometheusRule"))).toContain(
      "SkeinDown",
    );
  });

  test("gives the server settings that it understands, with the names under which it is called", async () => {
    const made = manifests({ ingress: { enabled: true, host: "skein.example" } });
    const { data } = z
      .looseObject({ data: z.object({ "skein.yml": z.string() }) })
      .parse(made.find(({ kind }) => kind === "ConfigMap"));
    const { settings } = await loadSettings({ root: ".", env: {}, text: data["skein.yml"] });

    expect(settings.auth?.allowedHosts).toEqual([
      "team-skein",
      "team-skein:7433",
      "team-skein.agents",
      "team-skein.agents:7433",
      "skein.example",
    ]);
  });

  test("runs as nobody, read-only, without capabilities or a token of the cluster", () => {
    const text = JSON.stringify(manifests({}).find(({ kind }) => kind === "Deployment"));

    for (const wanted of [
      '"runAsNonRoot":true',
      '"readOnlyRootFilesystem":true',
      '"allowPrivilegeEscalation":false',
      '"capabilities":{"drop":["ALL"]}',
      '"seccompProfile":{"type":"RuntimeDefault"}',
      '"automountServiceAccountToken":false',
    ]) {
      expect(text).toContain(wanted);
    }
  });

  test("asks the process alone whether it lives, and its store whether it is ready", () => {
    const text = JSON.stringify(manifests({}).find(({ kind }) => kind === "Deployment"));

    expect(text).toMatch(/"livenessProbe":\{"httpGet":\{"path":"\/livez"/u);
    expect(text).toMatch(/"readinessProbe":\{"httpGet":\{"path":"\/readyz"/u);
  });
});
