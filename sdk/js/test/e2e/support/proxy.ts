/**
 * Stands between a client and the daemon, and breaks WebSockets when a test says so.
 */

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** What the daemon says, and the count of cuts so far: whether to cut here. What is said is lost then. */
export type Cut = (said: string, cuts: number) => boolean;

export class BreakingProxy {
  cuts = 0;
  /** WebSockets that were opened. */
  opened = 0;
  /** Whether WebSockets get through. */
  admitsSockets = true;
  private readonly pairs = new Set<{ client: Socket; daemon: Socket; isSocket: boolean }>();
  private readonly server: Server;

  private constructor(
    private readonly target: URL,
    private readonly cut: Cut,
  ) {
    this.server = createServer((client) => this.serve(client));
  }

  static async start(target: string, cut: Cut = () => false): Promise<BreakingProxy> {
    const proxy = new BreakingProxy(new URL(target), cut);
    proxy.server.listen(0, "127.0.0.1");
    await once(proxy.server, "listening");
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Breaks every WebSocket. */
  cutSockets(): void {
    for (const { client, daemon, isSocket } of this.pairs) {
      if (isSocket) {
        this.cuts += 1;
        client.destroy();
        daemon.destroy();
      }
    }
  }

  end(): void {
    this.server.close();
    for (const { client, daemon } of this.pairs) {
      client.destroy();
      daemon.destroy();
    }
  }

  private serve(client: Socket): void {
    const daemon = connect(Number(this.target.port), this.target.hostname);
    const pair = { client, daemon, isSocket: false };
    this.pairs.add(pair);
    // Not only in what comes first: a connection that has carried a request may become a WebSocket.
    client.on("data", (bytes) => {
      if (!pair.isSocket && /\r\nupgrade: websocket\r\n/i.test(bytes.toString("latin1"))) {
        pair.isSocket = true;
        this.opened += 1;
        if (!this.admitsSockets) {
          client.destroy();
        }
      }
    });
    client.pipe(daemon);
    daemon.on("data", (bytes) => {
      if (pair.isSocket && this.cut(bytes.toString("utf8"), this.cuts)) {
        this.cuts += 1;
        client.destroy();
        daemon.destroy();
      } else if (!client.destroyed) {
        client.write(bytes);
      }
    });
    for (const [one, other] of [
      [client, daemon],
      [daemon, client],
    ] as const) {
      one.on("error", () => undefined);
      one.on("close", () => {
        other.destroy();
        this.pairs.delete(pair);
      });
    }
  }
}
