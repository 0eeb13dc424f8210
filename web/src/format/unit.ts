/**
 * The unit that a metric's name states as its last word: `battery_mv`, `AM2301.humidity_percent`, `uptimeSeconds`.
 * A name that states none gets none: an invented unit would be a wrong one for somebody.
 */
const words = new Map(
  Object.entries({
    celsius: '°C',
    degc: '°C',
    fahrenheit: '°F',
    degf: '°F',
    kelvin: 'K',
    percent: '%',
    pct: '%',
    volt: 'V',
    volts: 'V',
    mv: 'mV',
    amps: 'A',
    ma: 'mA',
    watt: 'W',
    watts: 'W',
    kw: 'kW',
    wh: 'Wh',
    kwh: 'kWh',
    hz: 'Hz',
    pa: 'Pa',
    hpa: 'hPa',
    kpa: 'kPa',
    mbar: 'mbar',
    bar: 'bar',
    ppm: 'ppm',
    ppb: 'ppb',
    dbm: 'dBm',
    db: 'dB',
    lux: 'lx',
    lx: 'lx',
    mm: 'mm',
    cm: 'cm',
    km: 'km',
    kmh: 'km/h',
    ms: 'ms',
    seconds: 's',
    minutes: 'min',
    hours: 'h',
    kg: 'kg',
    liters: 'l',
    litres: 'l',
    ml: 'ml',
    rpm: 'rpm',
    degrees: '°',
    bytes: 'B',
    kb: 'kB',
    mb: 'MB',
  }),
);

/** A single letter is a unit only behind what it measures: `supply_v` is volts, `phase_a` no ampere. */
const letters: { letter: string; unit: string; measures: RegExp }[] = [
  { letter: 'c', unit: '°C', measures: /temp|dew|heat/ },
  { letter: 'f', unit: '°F', measures: /temp|dew|heat/ },
  { letter: 'v', unit: 'V', measures: /volt|batt|supply|vcc|power/ },
  { letter: 'a', unit: 'A', measures: /current|amp/ },
  { letter: 'w', unit: 'W', measures: /power|load/ },
  { letter: 'm', unit: 'm', measures: /dist|height|depth|level|altitude|range/ },
  { letter: 's', unit: 's', measures: /time|duration|age|interval/ },
  { letter: 'g', unit: 'g', measures: /weight|mass/ },
  { letter: 'l', unit: 'l', measures: /volume|flow|water/ },
];

/** Whole names that are measured in one unit the world over. */
const names = new Map([
  ['humidity', '%'],
  ['rssi', 'dBm'],
  ['snr', 'dB'],
  ['co2', 'ppm'],
]);

/** @returns the unit's symbol, or an empty text when the name states none */
export function unitOf(metric: string): string {
  const name = metric.slice(metric.lastIndexOf('.') + 1);
  const parts = name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[_\-\s]+/);
  const last = parts.at(-1) ?? '';
  if (parts.length === 1) return names.get(last) ?? '';
  const before = parts.slice(0, -1).join('_');
  const letter = letters.find((one) => one.letter === last && one.measures.test(before));
  return words.get(last) ?? letter?.unit ?? '';
}
