/**
 * The web page of the examples in a real browser, served from another port than the daemon's.
 */

import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";
import { Daemon, TARGET } from "./support/daemon.js";
import { BreakingProxy } from "./support/proxy.js";
import { serveRepository } from "./support/site.js";

const CHROMIUM = "/usr/bin/chromium";
const PATIENCE_MS = 30_000;

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

async function events(page: Page): Promise<{ seq: number; type: string | undefined }[]> {
  return page.$$eval("#life li", (rows) =>
    rows.map((row) => ({
      seq: Number((row as HTMLElement).dataset.seq),
      type: (row as HTMLElement).dataset.type,
    })),
  );
}

function until(page: Page, state: string): Promise<unknown> {
  return page.waitForFunction((wanted) => document.querySelector("#state")?.textContent === wanted, state, {
    timeout: PATIENCE_MS,
  });
}

async function place(page: Page, amount: string): Promise<void> {
  await page.fill("[name=amount]", amount);
  await page.click("#form button");
}

test("live.html misses nothing of an order's life while its socket is cut", {
  timeout: 120_000,
}, async (t) => {
  if (!existsSync(CHROMIUM)) {
    t.skip(`${CHROMIUM} is missing: \`make browser-deps\` installs it as root`);
    return;
  }
  const daemon = await Daemon.start();
  t.after(() => daemon.end());
  const proxy = await BreakingProxy.start(
    daemon.url,
    (said, cuts) => cuts === 0 && said.includes('"type":"building"'),
  );
  t.after(() => proxy.end());
  const site = await serveRepository();
  t.after(() => site.server.close());
  const browser: Browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ARGS,
    timeout: PATIENCE_MS,
  });
  t.after(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1240, height: 860 } });
  page.setDefaultTimeout(PATIENCE_MS);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));

  await page.goto(`${site.url}/docs/examples/live.html?url=${encodeURIComponent(proxy.url)}`);
  await until(page, "live");
  await place(page, "10");
  await page.waitForSelector("#life li[data-type=finalized]");
  const life = await events(page);
  assert.deepEqual(
    life.map(({ seq }) => seq),
    life.map((_, at) => at + 1),
    JSON.stringify(life),
  );
  assert.equal(life[0]?.type, "pending");
  assert.equal(proxy.cuts, 1);
  await until(page, "live");
  assert.equal(await page.textContent("[data-fact=reconnects]"), "1");
  assert.equal(await page.textContent("[data-fact=holes]"), "0");

  // A daemon that refuses is heard too, and a second order goes its way beside the first.
  await place(page, "0");
  await page.waitForSelector("#orders tr[data-status=failed]");
  await place(page, "25");
  await page.waitForSelector("#life li[data-type=routing]");
  const pictures = join(TARGET, "examples");
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, "live.png") });
  await page.waitForSelector("#life li[data-type=finalized]");

  // Without a socket the page goes on by polling, and says so.
  proxy.admitsSockets = false;
  proxy.cutSockets();
  await until(page, "polling");
  await place(page, "7");
  await page.waitForSelector("#life li[data-type=finalized]");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.screenshot({ path: join(pictures, "live-dark.png") });
  assert.deepEqual(complaints, []);
});
