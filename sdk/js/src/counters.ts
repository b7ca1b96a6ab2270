/**
 * What has happened to a coordinator, counted.
 */

export interface Counters {
  /** Events that came. */
  events: number;
  /** Events that had come before. */
  duplicates: number;
  /** Gaps that the daemon has announced. */
  gaps: number;
  /**
   * Events whose `seq` is not the next of their order. There is none but after a gap, with a filter of `status` or
   * `dex`, and with delivery `latest`.
   */
  holes: number;
  /** Connections after the first one. */
  reconnects: number;
  /** Connections that continued where the last one broke. */
  recovered: number;
  /** Times that changes were asked for over HTTP. */
  polls: number;
  /** Orders that were asked for one by one after a gap. */
  fetched: number;
  /** Messages that made no sense. */
  malformed: number;
}

export const noCounts = (): Counters => ({
  events: 0,
  duplicates: 0,
  gaps: 0,
  holes: 0,
  reconnects: 0,
  recovered: 0,
  polls: 0,
  fetched: 0,
  malformed: 0,
});
