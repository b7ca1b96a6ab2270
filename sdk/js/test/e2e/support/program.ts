/**
 * A program that is run to its end, within a bound of time.
 */

import { spawn } from "node:child_process";

export interface Run {
  code: number | null;
  lines: string[];
}

export async function run(command: string, args: string[], url: string, limitMs = 60_000): Promise<Run> {
  const env = { ...process.env, ORDERD_URL: url };
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const late = setTimeout(() => child.kill("SIGKILL"), limitMs);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      said += text;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  clearTimeout(late);
  return { code, lines: said.split("\n").filter((line) => line !== "") };
}

/** The events that a program has printed as `ORDER-ID SEQ TYPE`, by order. */
export function lives(lines: readonly string[]): Map<string, { seq: number; type: string }[]> {
  const found = new Map<string, { seq: number; type: string }[]>();
  for (const line of lines) {
    const [, id, seq, type] = /^([0-9a-f-]{36}) (\d+) ([a-z-]+)/.exec(line) ?? [];
    if (id !== undefined && type !== undefined) {
      found.set(id, [...(found.get(id) ?? []), { seq: Number(seq), type }]);
    }
  }
  return found;
}
