/** Writes `action.yml`; a test compares. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { actionManifest } from "./action-manifest.ts";
import { root } from "./run.ts";

writeFileSync(join(root, "action.yml"), actionManifest());
