import { writeFileSync } from "node:fs";

import { reportJsonSchema } from "../src/core/review/index.ts";
import { settingsJsonSchema } from "../src/settings/schema.ts";

writeFileSync("schema/skein.schema.json", settingsJsonSchema());
writeFileSync("schema/review.schema.json", reportJsonSchema());
