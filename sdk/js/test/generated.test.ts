/**
 * The types that are generated are those of the interface as it is.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import openapiTS, { astToString, COMMENT_HEADER } from "openapi-typescript";

test("src/api.gen.ts is what docs/openapi.json makes (npm run generate)", async () => {
  const schema = new URL("../../../docs/openapi.json", import.meta.url);
  const committed = await readFile(new URL("../src/api.gen.ts", import.meta.url), "utf8");
  assert.equal(committed, COMMENT_HEADER + astToString(await openapiTS(schema)));
});
