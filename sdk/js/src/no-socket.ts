/**
 * Stands in for the Node socket in bundles for browsers, which all have a `WebSocket` of their own.
 */

export function openNodeSocket(): never {
  throw new Error("this environment has no WebSocket");
}
