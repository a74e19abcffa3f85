import { writeFileSync } from "node:fs";

import { reportJsonSchema } from "../src/core/review/index.ts";
import { publishedSettingsSchema } from "../src/settings/schema.ts";

writeFileSync("schema/skein.schema.json", publishedSettingsSchema());
writeFileSync("schema/review.schema.json", reportJsonSchema());
