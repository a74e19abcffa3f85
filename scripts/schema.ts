import { writeFileSync } from "node:fs";

import { settingsJsonSchema } from "../src/settings/schema.ts";

writeFileSync("schema/skein.schema.json", settingsJsonSchema());
