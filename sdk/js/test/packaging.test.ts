/**
 * What is shipped: plain modules that a browser loads as they are.
 */

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";

const DIST = new URL("../dist/", import.meta.url);

test("a browser sees none of Node's modules, and nothing that it would have to resolve", async () => {
  const files = (await readdir(DIST, { recursive: true })).filter((name) => name.endsWith(".js"));
  assert.ok(
    files.includes("index.js") && files.includes("stream/link.js") && files.includes("node/socket.js"),
  );
  for (const file of files.filter((name) => !name.startsWith("node/"))) {
    const text = await readFile(new URL(file, DIST), "utf8");
    for (const [, from = ""] of text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)) {
      const isLazy = file === "socket.js" && from === "#node-socket";
      assert.ok(isLazy || (/^\.{1,2}\//.test(from) && !from.includes("/node/")), `${file} imports ${from}`);
    }
  }
});
