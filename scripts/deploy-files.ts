/**
 * `npm run deploy:files`: writes the dashboards of `deploy/grafana`, and what the Helm chart takes over from its neighbours, since a chart
 * holds only files of its own folder.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { dashboardJson } from "./deploy/dashboard.ts";
import { dashboards } from "./deploy/dashboards.ts";
import { root } from "./run.ts";

/** What is written, by path from the top of the repository. */
export function deployFiles(): ReadonlyMap<string, string> {
  const rules = readFileSync(join(root, "deploy/prometheus/skein.rules.yaml"), "utf8");
  const boards = Object.entries(dashboards).flatMap(([name, dashboard]) => {
    const text = dashboardJson(dashboard);
    return ["deploy/grafana/dashboards", "deploy/helm/skein/files/dashboards"].map(
      (folder): [string, string] => [`${folder}/${name}.json`, text],
    );
  });
  return new Map([["deploy/helm/skein/files/skein.rules.yaml", rules], ...boards]);
}

if (import.meta.main) {
  for (const [path, text] of deployFiles()) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}
