import { expect, test } from "vitest";

import { signatureAlgorithms } from "../../src/adapters/identity/index.ts";
import { loadSettings } from "../../src/settings.ts";

test("`auth.oidc.algorithms` takes every signature by which tokens are checked", async () => {
  const oidc = {
    issuer: "https://id.example.com",
    audience: "skein",
    algorithms: signatureAlgorithms,
    roles: { skein: "agent" },
  };

  const text = JSON.stringify({ auth: { oidc } });
  const { settings } = await loadSettings({ root: "/nowhere", env: {}, text });

  expect(settings.auth?.oidc?.algorithms).toEqual(signatureAlgorithms);
});
