import type { RawPosition } from '../database/telemetry.ts';
import type { ExportedDevice, ExportedReading } from '../database/telemetry-export.ts';
import { csvLines } from './csv.ts';

/** How a reading is written; `head` stands before all. */
export interface ReadingFormat {
  head: string;
  lines(device: ExportedDevice, readings: readonly ExportedReading[]): string;
}

/** A column for each metric, empty where a reading has none of it. */
export function asCsv(metrics: readonly string[]): ReadingFormat {
  return {
    head: csvLines([['external_device_id', 'recorded_at', 'received_at', 'device_timestamp', ...metrics]]),
    lines: ({ external_device_id }, readings) =>
      csvLines(
        readings.map(({ recorded_at, received_at, device_timestamp, telemetry }) => [
          external_device_id,
          recorded_at,
          received_at,
          device_timestamp,
          ...metrics.map((metric) => telemetry[metric]),
        ]),
      ),
  };
}

/** One JSON object a line. */
export const asJsonLines: ReadingFormat = {
  head: '',
  lines: ({ external_device_id }, readings) =>
    readings
      .map(({ message_key, ...reading }) => `${JSON.stringify({ external_device_id, ...reading })}\n`)
      .join(''),
};

/** What one piece should come to: readings differ in size by a factor of a thousand. */
const PIECE_BYTES = 512 * 1024;
const FEWEST = 20;
const MOST = 5000;

/** @param read the next so many readings of a device after a place, oldest first */
export async function* telemetryPieces(
  devices: readonly ExportedDevice[],
  format: ReadingFormat,
  read: (device: ExportedDevice, after: RawPosition | undefined, limit: number) => Promise<ExportedReading[]>,
): AsyncGenerator<string> {
  if (format.head) yield format.head;
  let limit = 100;
  for (const device of devices) {
    let after: RawPosition | undefined;
    for (;;) {
      const readings = await read(device, after, limit);
      const last = readings.at(-1);
      if (!last) break;
      const piece = format.lines(device, readings);
      yield piece;
      if (readings.length < limit) break;
      after = { recordedAt: last.recorded_at, messageKey: last.message_key };
      const fitting = Math.floor((PIECE_BYTES * readings.length) / piece.length);
      // Not by much at once: the next may be larger than those so far.
      limit = Math.min(MOST, Math.max(FEWEST, Math.min(fitting, limit * 4)));
    }
  }
}
