/**
 * The part of the WebSocket interface that is used, and which implementation of it.
 */

export interface Socket {
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

export type OpenSocket = (url: string, protocols: string[]) => Promise<Socket>;

/** The socket of the browser or of Node 22 and later; for Node 20 one of our own. */
export const openSystemSocket: OpenSocket = async (url, protocols) => {
  if (typeof WebSocket === "function") {
    return adopt(new WebSocket(url, protocols));
  }
  const { openNodeSocket } = await import("#node-socket");
  return openNodeSocket(url, protocols);
};

function adopt(own: WebSocket): Socket {
  const socket: Socket = {
    onmessage: null,
    onclose: null,
    send: (text) => own.send(text),
    close: (code) => own.close(code),
  };
  own.onmessage = (event) => socket.onmessage?.(event);
  own.onclose = (event) => socket.onclose?.(event);
  // After an `error` comes a `close`, which says more; but not in every release of Node, when it could not connect.
  own.onerror = () => setTimeout(() => socket.onclose?.({ code: 1006, reason: "the connection failed" }));
  return socket;
}
