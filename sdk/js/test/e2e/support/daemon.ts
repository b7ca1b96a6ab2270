/**
 * The daemon as its users run it: a process of its own, on the paper chain, in a folder of its own.
 */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL("../../../../../", import.meta.url));
export const TARGET = resolve(ROOT, process.env.CARGO_TARGET_DIR ?? "target");

const BUILT = join(TARGET, "debug");
const READY = "orderd listening on ";
const PATIENCE_MS = 30_000;
const MAX_LOG = 20_000;

/** Blocks come slowly enough for a connection to break in the middle of a life. */
const CONFIG = `
[engine]
retry_initial_ms = 50
retry_max_ms = 200

[plugins.paper]

[chains.paper]
plugin = "paper"
poll_ms = 10

[chains.paper.tokens]
SOL = { address = "sol", decimals = 9 }
USDC = { address = "usdc", decimals = 6 }

[chains.paper.config]
inclusionMs = 1000
finalityMs = 1000

[venues.paper-alpha]
plugin = "paper"
chain = "paper"

[venues.paper-alpha.config]
feeBps = 30
latencyMs = 40
pools = [{ tokens = ["SOL", "USDC"], reserves = ["500000", "75000000"] }]

[venues.paper-beta]
plugin = "paper"
chain = "paper"

[venues.paper-beta.config]
feeBps = 5
latencyMs = 20
pools = [{ tokens = ["SOL", "USDC"], reserves = ["40000", "6000000"] }]

[accounts.main]
chain = "paper"
`;

export class Daemon {
  private readonly folder = mkdtempSync(join(tmpdir(), "orderd-js-"));
  private child: ChildProcess | undefined;
  url = "";

  private constructor(
    extra: string,
    private readonly secrets: Record<string, string>,
  ) {
    writeFileSync(join(this.folder, "config.toml"), CONFIG + extra);
  }

  /** With these lines more in its config, and these variables in its environment. */
  static async start(extra = "", secrets: Record<string, string> = {}): Promise<Daemon> {
    const daemon = new Daemon(extra, secrets);
    await daemon.run("127.0.0.1:0");
    return daemon;
  }

  /** The end of what it has logged. */
  log = "";

  /** Ends the process in the middle of anything, and starts another one at the same address. */
  async crash(): Promise<void> {
    const { host } = new URL(this.url);
    await this.kill();
    await this.run(host);
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async run(listen: string): Promise<void> {
    const program = join(BUILT, "orderd");
    assert.ok(existsSync(program), `${program} is missing: build the workspace first (\`make test\` does)`);
    const args = ["run", "--config", join(this.folder, "config.toml"), "--listen", listen];
    args.push("--data-dir", join(this.folder, "data"), "--plugin-dir", BUILT);
    const env = { ...process.env, ...this.secrets };
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env });
    this.child = child;
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.log = (this.log + text).slice(-MAX_LOG);
    });
    const late = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    for await (const line of createInterface(child.stdout)) {
      if (line.startsWith(READY)) {
        clearTimeout(late);
        this.url = line.slice(READY.length).trim();
        child.stdout.resume();
        return;
      }
    }
    throw new Error(`the daemon does not become ready:\n${this.log}`);
  }

  private async kill(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child !== undefined && child.exitCode === null) {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    }
  }
}
